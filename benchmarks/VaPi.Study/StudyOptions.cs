using System.Globalization;
using VaPi.Study.Studies;

namespace VaPi.Study;

/// <summary>The program's arguments.</summary>
internal sealed record StudyOptions
{
    public const string Help = """
        Measures on the QuickStart's models and photographs what the documentation says about alignment.

        usage: VaPi.Study <study> [options]

          localised-credit   credit by whole image against credit by neighbourhood, at equal images
          locality           how far from a token its effect on the decoded image reaches
          settings           group size, contextual noise, prior weight, learning rate and rollouts, one at a time
          wall-clock         the Frechet distance against seconds of training, with the library and as published
          plot               draws the curves of what has been measured

          --output DIR       where results (.json) and curves (.png) are kept (default: docs/measurements); runs that are
                             already there are not made again
          --seeds LIST       seeds, with commas (default: 0,1,2)
          --only TEXT        only the runs whose name contains the text (default: all)
        """;

    private static readonly Dictionary<string, IStudy> Studies = new()
    {
        ["localised-credit"] = new LocalisedCreditStudy(),
        ["locality"] = new LocalityStudy(),
        ["settings"] = new SettingsStudy(),
        ["wall-clock"] = new WallClockStudy(),
        ["plot"] = new PlotStudy(),
    };

    /// <summary>What to do; null for help.</summary>
    public IStudy? Study { get; private init; }

    public string Output { get; private init; } = Path.Combine("docs", "measurements");

    public IReadOnlyList<int> Seeds { get; private init; } = [0, 1, 2];

    public string Only { get; private init; } = "";

    /// <exception cref="ArgumentException">An argument is unknown or has no proper value.</exception>
    public static StudyOptions Parse(IReadOnlyList<string> arguments)
    {
        if (arguments.Count == 0 || arguments.Contains("--help"))
            return new StudyOptions();
        var options = new StudyOptions
        {
            Study = Studies.GetValueOrDefault(arguments[0]) ?? throw new ArgumentException($"There is no study '{arguments[0]}'."),
        };
        for (int index = 1; index < arguments.Count; index += 2)
        {
            string name = arguments[index];
            string value = index + 1 < arguments.Count ? arguments[index + 1] : throw new ArgumentException($"{name} needs a value.");
            options = name switch
            {
                "--output" => options with { Output = value },
                "--seeds" => options with { Seeds = [.. value.Split(',').Select(Number)] },
                "--only" => options with { Only = value },
                _ => throw new ArgumentException($"There is no option '{name}'."),
            };
        }

        return options;
    }

    private static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        ? number
        : throw new ArgumentException($"A seed is '{text}' but must be a whole number of at least 0.");
}
