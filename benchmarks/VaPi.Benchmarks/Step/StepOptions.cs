using System.Globalization;

namespace VaPi.Benchmarks.Step;

/// <summary>The arguments of <c>step</c>. The defaults are the sizes of docs/performance.md.</summary>
internal sealed record StepOptions
{
    public const string Help = """
        Measures whole rollouts, the library against the published arrangement (a forward and backward a sample, whole logits, a
        frozen policy's forward a sample, target features a sample), in one process and in turns, on the same weights, images,
        noise and samples, and checks that both compute the same gradients.

        usage: VaPi.Benchmarks step [options]

          --images B         images a rollout (default: 4)
          --group G          samples an image (default: 8)
          --grid N           N x N tokens an image (default: 8, so T 64)
          --vocabulary V     tokens to choose from (default: 4096)
          --side N           pixels of an image's side, a power of two times the grid (default: 64)
          --width D          the policy's width (default: 512)
          --layers L         the policy's layers (default: 12)
          --heads H          the policy's attention heads (default: 8)
          --channels C       the tokenizer's base channels, a multiple of 32 (default: 32)
          --pixels-only      reward without LPIPS
          --kl               with the KL term, so with the frozen starting policy
          --seconds N        measure for about this long (default: 35)
          --repeats N        measure this many rollouts of each instead
          --published N      stop measuring the published arrangement after about N seconds, but not before its first rollout
          --threads N        threads (default: one a core)
          --decode N         samples that the library decodes and scores at a time (default: the library's)
          --memory           measure memory instead of time, each side in a process of its own
          --json FILE        write everything that was measured to this file
          --help             this text
        """;

    public int Images { get; init; } = 4;

    public int GroupSize { get; init; } = 8;

    public int Grid { get; init; } = 8;

    public int Vocabulary { get; init; } = 4096;

    public int Side { get; init; } = 64;

    public int Width { get; init; } = 512;

    public int Layers { get; init; } = 12;

    public int Heads { get; init; } = 8;

    public int Channels { get; init; } = 32;

    public bool PixelsOnly { get; init; }

    public bool Kl { get; init; }

    public int Seconds { get; init; } = 35;

    public int? Repeats { get; init; }

    /// <summary>When the published arrangement has taken so long, only the library is measured any more; null for no end.</summary>
    public int? PublishedSeconds { get; init; }

    public int Threads { get; init; } = Environment.ProcessorCount;

    public int? SamplesPerDecode { get; init; }

    public bool Memory { get; init; }

    /// <summary>What a child process measures, for <see cref="Memory"/>.</summary>
    public string? Child { get; init; }

    public string? Json { get; init; }

    public bool ShowHelp { get; init; }

    /// <summary>The same on models too small to matter.</summary>
    public StepOptions Tiny() => this with { Grid = 4, Side = 4 * (Side / Grid), Width = 4 * Heads, Layers = 1, Vocabulary = 64 };

    /// <exception cref="ArgumentException">An option is unknown or has no proper value.</exception>
    public static StepOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new StepOptions();
        for (int index = 0; index < arguments.Count; index++)
        {
            string name = arguments[index];
            string Text() => index + 1 < arguments.Count ? arguments[++index] : throw new ArgumentException($"{name} needs a value.");
            int Number()
            {
                string text = Text();
                return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 1
                    ? number
                    : throw new ArgumentException($"{name} is '{text}' but must be a whole number of at least 1.");
            }

            options = name switch
            {
                "--images" => options with { Images = Number() },
                "--group" => options with { GroupSize = Number() },
                "--grid" => options with { Grid = Number() },
                "--vocabulary" => options with { Vocabulary = Number() },
                "--side" => options with { Side = Number() },
                "--width" => options with { Width = Number() },
                "--layers" => options with { Layers = Number() },
                "--heads" => options with { Heads = Number() },
                "--channels" => options with { Channels = Number() },
                "--pixels-only" => options with { PixelsOnly = true },
                "--kl" => options with { Kl = true },
                "--seconds" => options with { Seconds = Number() },
                "--repeats" => options with { Repeats = Number() },
                "--published" => options with { PublishedSeconds = Number() },
                "--threads" => options with { Threads = Number() },
                "--decode" => options with { SamplesPerDecode = Number() },
                "--memory" => options with { Memory = true },
                "--child" => options with { Child = Text() },
                "--json" => options with { Json = Text() },
                "--help" or "-h" => options with { ShowHelp = true },
                _ => throw new ArgumentException($"There is no option '{name}'."),
            };
        }

        int downsampling = options.Side / options.Grid;
        if (options.GroupSize < 2)
            throw new ArgumentException($"--group is {options.GroupSize} but must be at least 2: advantages compare a group's samples.");
        if (options.Width % (4 * options.Heads) != 0)
            throw new ArgumentException($"--width is {options.Width} but must be a multiple of four times --heads, {4 * options.Heads}.");
        if (options.Channels % 32 != 0)
            throw new ArgumentException($"--channels is {options.Channels} but must be a multiple of 32, the groups of the tokenizer's norms.");
        return options.Side % options.Grid == 0 && int.IsPow2(downsampling) && downsampling is >= 2 and <= 32
            ? options
            : throw new ArgumentException($"--side is {options.Side} but must be 2, 4, 8, 16 or 32 times --grid, {options.Grid}.");
    }
}
