using System.Globalization;

namespace VaPi.Benchmarks.DataFeeding;

/// <summary>The arguments of <c>data</c>.</summary>
internal sealed record DataFeedingOptions
{
    public const string Help = """
        Measures whether image files keep a trainer waiting: writes a folder of small JPEGs, decodes it, and aligns a toy-size
        LlamaGen policy on it with and without reading ahead.

        usage: VaPi.Benchmarks data [options]

          --images N      files in the folder (default: 10000)
          --side N        their height and width in pixels (default: 64)
          --steps N       rollouts that are timed (default: 100)
          --help          this text
        """;

    public int Images { get; private init; } = 10_000;

    public int Side { get; private init; } = 64;

    public int Steps { get; private init; } = 100;

    public bool ShowHelp { get; private init; }

    /// <exception cref="ArgumentException">An option is unknown or has no proper value.</exception>
    public static DataFeedingOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new DataFeedingOptions();
        for (int index = 0; index < arguments.Count; index++)
        {
            string name = arguments[index];
            int Number()
            {
                string? text = index + 1 < arguments.Count ? arguments[++index] : null;
                return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= 1
                    ? number
                    : throw new ArgumentException($"{name} is '{text}' but must be a whole number of at least 1.");
            }

            options = name switch
            {
                "--images" => options with { Images = Number() },
                "--side" => options with { Side = Number() },
                "--steps" => options with { Steps = Number() },
                "--help" or "-h" => options with { ShowHelp = true },
                _ => throw new ArgumentException($"There is no option '{name}'."),
            };
        }

        return options;
    }
}
