using System.Globalization;
using VaPi.Fuzz.Readers;

namespace VaPi.Fuzz.Running;

/// <summary>What the command line asks for.</summary>
internal sealed class FuzzOptions
{
    public const string Help = """
        Feeds damaged files to every reader of files in VaPi, and reports what does not end in a documented exception.

          --cases N       cases of each reader (2000)
          --seed S        decides every case (1)
          --reader NAME   one reader; without it all of them
          --seconds S     at most this long for each reader
          --case N        this case alone, in this process, with its files written out
          --output DIR    where the files of failing cases go (fuzz-failures)
          --list          names the readers

        A failure is printed as reader, seed and case; --reader, --seed and --case repeat it. Ends with 0 if there was none, else with 1.
        """;

    /// <summary>How many cases of each reader.</summary>
    public long Cases { get; private set; } = 2000;

    /// <summary>The first case, of a child process.</summary>
    public long First { get; private set; }

    public int Seed { get; private set; } = 1;

    /// <summary>The readers, by name.</summary>
    public IReadOnlyCollection<string> Readers { get; private set; } = AllReaders.Names;

    /// <summary>How long a reader's cases may take together; null for any time.</summary>
    public TimeSpan? Time { get; private set; }

    /// <summary>The only case to run; null for all.</summary>
    public long? Case { get; private set; }

    /// <summary>Where the files of failing cases go.</summary>
    public string Output { get; private set; } = "fuzz-failures";

    /// <summary>The file in which a child process keeps the number of its case; null in the first process.</summary>
    public string? Progress { get; private set; }

    public bool ShowHelp { get; private set; }

    public bool ListReaders { get; private set; }

    /// <exception cref="ArgumentException">An option is unknown, or its value is not as described.</exception>
    public static FuzzOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new FuzzOptions();
        for (int i = 0; i < arguments.Count; i++)
        {
            string name = arguments[i];
            string Value() => ++i < arguments.Count ? arguments[i] : throw new ArgumentException($"{name} needs a value.");
            switch (name)
            {
                case "--cases":
                    options.Cases = Number(name, Value());
                    break;
                case "--first":
                    options.First = Number(name, Value());
                    break;
                case "--seed":
                    options.Seed = (int)Math.Min(int.MaxValue, Number(name, Value()));
                    break;
                case "--seconds":
                    options.Time = TimeSpan.FromSeconds(Number(name, Value()));
                    break;
                case "--case":
                    options.Case = Number(name, Value());
                    break;
                case "--reader":
                    string reader = Value();
                    options.Readers = AllReaders.Names.Contains(reader) ? [reader] : throw new ArgumentException($"There is no reader '{reader}'. There are: {string.Join(", ", AllReaders.Names)}.");
                    break;
                case "--output":
                    options.Output = Value();
                    break;
                case "--progress":
                    options.Progress = Value();
                    break;
                case "--list":
                    options.ListReaders = true;
                    break;
                case "--help" or "-h":
                    options.ShowHelp = true;
                    break;
                default:
                    throw new ArgumentException($"There is no option '{name}'.");
            }
        }

        return options.Case is null || options.Readers.Count == 1 ? options : throw new ArgumentException("--case needs --reader.");
    }

    private static long Number(string name, string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
        ? number
        : throw new ArgumentException($"{name} is '{text}'; a whole number from 0 is needed.");
}
