using System.Globalization;
using VaPi.GpuCheck.Rollouts;

namespace VaPi.GpuCheck;

/// <summary>The arguments.</summary>
internal sealed record GpuCheckOptions
{
    public const string Help = """
        Checks VaPi on a GPU, and measures its rollouts against the published arrangement (a forward and backward pass a sample, whole
        logits, target features a sample). Takes libtorch from an installed PyTorch, and writes JSON.

        usage: VaPi.GpuCheck [options]

          --device NAME        cpu, cuda or cuda:1 (default: cuda)
          --libtorch WHERE     a PyTorch's folder torch/lib, or a Python interpreter (default: $VAPI_LIBTORCH, else the usual places)
          --any-version        try also a libtorch that TorchSharp was not built for
          --golden DIR[,DIR]   folders of golden cases to recompute: float32 at their tolerances, bfloat16 at its own
          --sizes NAME[,NAME]  rollouts to measure: small, B256, XL384, XXL384 (LlamaGen's shapes with random weights; the number is
                               the image's side)
          --images N[,N]       images a rollout (default: 4,16)
          --group N            samples an image (default: 8)
          --precision P[,P]    bfloat16 (float32 beside it in TF32) or float32 (default: bfloat16)
          --arrangement A      library, published or both (default: both)
          --rollouts N         measured rollouts of each, after one that is not (default: 3)
          --json FILE          where the result goes (default: standard output)
          --help               this text

        Each arrangement runs in a process of its own, so that its memory can be told. Exit code: 0, 1 if a golden quantity is wrong
        or a rollout failed, 64 if the arguments or libtorch are not usable.
        """;

    public string Device { get; private init; } = "cuda";

    public string? LibTorch { get; private init; }

    public bool AnyVersion { get; private init; }

    public IReadOnlyList<string> GoldenFolders { get; private init; } = [];

    public IReadOnlyList<RolloutSize> Sizes { get; private init; } = [];

    public IReadOnlyList<int> Images { get; private init; } = [4, 16];

    public int GroupSize { get; private init; } = 8;

    public IReadOnlyList<string> Precisions { get; private init; } = [RolloutCase.BFloat16];

    public IReadOnlyList<string> Arrangements { get; private init; } = [RolloutCase.Library, RolloutCase.Published];

    public int Rollouts { get; private init; } = 3;

    public string? Json { get; private init; }

    public bool ShowHelp { get; private init; }

    /// <summary>What a child process measures; null in the first.</summary>
    public RolloutCase? Child { get; private init; }

    /// <exception cref="ArgumentException">An option is unknown or has no proper value; the message names both and what is allowed.</exception>
    public static GpuCheckOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new GpuCheckOptions();
        for (int index = 0; index < arguments.Count; index++)
        {
            string name = arguments[index];
            string Text() => index + 1 < arguments.Count ? arguments[++index] : throw new ArgumentException($"{name} needs a value.");
            string[] Texts() => Text().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            string OneOf(string text, params string[] allowed) => allowed.Contains(text)
                ? text
                : throw new ArgumentException($"{name} is '{text}' but must be {string.Join(" or ", allowed)}.");
            int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 1
                ? number
                : throw new ArgumentException($"{name} is '{text}' but must be a whole number of at least 1.");
            options = name switch
            {
                "--device" => options with { Device = Text() },
                "--libtorch" => options with { LibTorch = Text() },
                "--any-version" => options with { AnyVersion = true },
                "--golden" => options with { GoldenFolders = Texts() },
                "--sizes" => options with { Sizes = [.. Texts().Select(RolloutSize.Of)] },
                "--images" => options with { Images = [.. Texts().Select(Number)] },
                "--group" => options with { GroupSize = Number(Text()) is var group && group >= 2 ? group : throw new ArgumentException("--group is 1 but must be at least 2: advantages compare the samples of a group.") },
                "--precision" => options with { Precisions = [.. Texts().Select(text => OneOf(text, RolloutCase.BFloat16, RolloutCase.Float32))] },
                "--arrangement" => options with { Arrangements = OneOf(Text(), "both", RolloutCase.Library, RolloutCase.Published) is var one && one == "both" ? [RolloutCase.Library, RolloutCase.Published] : [one] },
                "--rollouts" => options with { Rollouts = Number(Text()) },
                "--json" => options with { Json = Text() },
                "--help" or "-h" => options with { ShowHelp = true },
                RolloutCase.ChildOption => options with { Child = RolloutCase.Parse(Text()) },
                _ => throw new ArgumentException($"There is no option '{name}'."),
            };
        }

        return options.ShowHelp || options.Child is not null || options.GoldenFolders.Count + options.Sizes.Count > 0
            ? options
            : throw new ArgumentException("There is nothing to do: give --golden, --sizes or both.");
    }
}
