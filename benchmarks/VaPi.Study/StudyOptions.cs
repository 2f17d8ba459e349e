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
          evidence           VA-π against its alternatives and settings in two worlds, from bases trained to the end
          wall-clock         the Frechet distance against seconds of training, with the library and as published
          evidence-report    puts the runs of evidence together: results, pictures, the tables of docs/study.md, a page
          plot               draws the curves of what has been measured

          --output DIR       where results (.json) and curves (.png) are kept (default: docs/measurements); runs that are
                             already there are not made again
          --seeds LIST       seeds, with commas (default: 0,1,2)
          --only TEXT        only the runs whose name contains the text (default: all)

        of evidence and its report:
          --quick            few, short runs, which show in minutes that everything works
          --budget HOURS     begin no run after so many hours (default: no end)
          --world NAME       shapes, photographs or photographs-calibrated alone (default: all)
          --part I/N         the I-th of N processes that share the study; each has a thread of its own (default: 1/1)
          --runs DIR         where the results of single runs are kept; those that are there are not made again
                             (default: artifacts/study-runs)
          --networks DIR     where the networks of the worlds are kept, trained if they are not there
                             (default: artifacts/study-networks)
        """;

    private static readonly Dictionary<string, IStudy> Studies = new()
    {
        ["localised-credit"] = new LocalisedCreditStudy(),
        ["locality"] = new LocalityStudy(),
        ["settings"] = new SettingsStudy(),
        [EvidenceStudy.Name] = new EvidenceStudy(),
        [EvidenceReportStudy.Name] = new EvidenceReportStudy(),
        ["wall-clock"] = new WallClockStudy(),
        ["plot"] = new PlotStudy(),
    };

    /// <summary>What to do; null for help.</summary>
    public IStudy? Study { get; private init; }

    public string Output { get; private init; } = Path.Combine("docs", "measurements");

    public IReadOnlyList<int> Seeds { get; private init; } = [0, 1, 2];

    public string Only { get; private init; } = "";

    public bool Quick { get; private init; }

    /// <summary>Above 0; infinity for no end.</summary>
    public double BudgetHours { get; private init; } = double.PositiveInfinity;

    /// <summary>The only world; null for all.</summary>
    public string? World { get; private init; }

    /// <summary>1 to <see cref="Parts"/>.</summary>
    public int Part { get; private init; } = 1;

    public int Parts { get; private init; } = 1;

    public string Runs { get; private init; } = Path.Combine("artifacts", "study-runs");

    public string Networks { get; private init; } = Path.Combine("artifacts", "study-networks");

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
            if (name == "--quick")
            {
                options = options with { Quick = true };
                index--; // it has no value
                continue;
            }

            string value = index + 1 < arguments.Count ? arguments[index + 1] : throw new ArgumentException($"{name} needs a value.");
            options = name switch
            {
                "--output" => options with { Output = value },
                "--seeds" => options with { Seeds = [.. value.Split(',').Select(Number)] },
                "--only" => options with { Only = value },
                "--budget" => options with { BudgetHours = Hours(value) },
                "--world" => options with { World = KnownWorld(value) },
                "--part" => options.WithPart(value),
                "--runs" => options with { Runs = value },
                "--networks" => options with { Networks = value },
                _ => throw new ArgumentException($"There is no option '{name}'."),
            };
        }

        return options;
    }

    /// <summary>Whether a world is studied.</summary>
    public bool HasWorld(string name) => World is null || World == name;

    private StudyOptions WithPart(string text)
    {
        string[] numbers = text.Split('/');
        return numbers.Length == 2
            && int.TryParse(numbers[0], NumberStyles.None, CultureInfo.InvariantCulture, out int part)
            && int.TryParse(numbers[1], NumberStyles.None, CultureInfo.InvariantCulture, out int parts)
            && part >= 1 && part <= parts
                ? this with { Part = part, Parts = parts }
                : throw new ArgumentException($"--part is '{text}' but must be like 1/2: the first of two.");
    }

    private static string KnownWorld(string text) => EvidenceStudy.Worlds.Contains(text)
        ? text
        : throw new ArgumentException($"--world is '{text}' but must be one of {string.Join(", ", EvidenceStudy.Worlds)}.");

    private static double Hours(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double hours) && hours > 0
        ? hours
        : throw new ArgumentException($"--budget is '{text}' but must be a number of hours above 0.");

    private static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        ? number
        : throw new ArgumentException($"A seed is '{text}' but must be a whole number of at least 0.");
}
