using VaPi.Generation;
using static System.FormattableString;

namespace LlamaGen.CommandLine;

/// <summary>How images are drawn.</summary>
internal sealed record SamplingOptions
{
    private const int LargestSeed = 2_000_000_000;

    public double Guidance { get; init; } = 1;

    public int GuidanceInterval { get; init; } = -1;

    public double GuidancePower { get; init; }

    public double Temperature { get; init; } = 1;

    public int TopK { get; init; }

    public double TopP { get; init; } = 1;

    public bool Greedy { get; init; }

    public int Seed { get; init; }

    /// <param name="defaults">A command's defaults, for the help.</param>
    public static IReadOnlyList<CommandLineOption<SamplingOptions>> Known(SamplingOptions defaults) =>
    [
        new("--guidance", "S", Invariant($"scale of classifier-free guidance; 1 for none (default: {defaults.Guidance})"), (options, value) => options with { Guidance = value.Decimal(0) }),
        new("--guidance-interval", "N", "guidance ends after token N + 1; -1 for never (default: -1)", (options, value) => options with { GuidanceInterval = value.Number(-1, int.MaxValue) }),
        new("--guidance-power", "P", "guidance rises over the tokens along a power-cosine of this power; 0 for the same scale at all (default: 0)", (options, value) => options with { GuidancePower = value.Decimal(0) }),
        new("--temperature", "T", "logits are divided by it (default: 1)", (options, value) => options with { Temperature = value.Decimal(0) }),
        new("--top-k", "K", $"draw among the K likeliest tokens; 0 for all (default: {defaults.TopK})", (options, value) => options with { TopK = value.Number(0, int.MaxValue) }),
        new("--top-p", "P", "draw among the likeliest tokens that hold P of the probability, above 0; 1 for all (default: 1)", (options, value) => options with { TopP = value.Decimal(double.Epsilon, 1) }),
        new("--greedy", null, "take the likeliest token each time instead of drawing (default: draw)", (options, _) => options with { Greedy = true }),
        new("--seed", "N", "image i draws with seed N + i, whatever batch it is in (default: 0)", (options, value) => options with { Seed = value.Number(0, LargestSeed) }),
    ];

    /// <param name="first">The index of a batch's first image.</param>
    public GenerationOptions From(int first) => new()
    {
        Guidance = Guidance,
        GuidanceInterval = GuidanceInterval,
        GuidancePower = GuidancePower,
        Temperature = Temperature,
        TopK = TopK,
        TopP = TopP,
        Greedy = Greedy,
        Seed = (ulong)Seed + (ulong)first,
    };
}
