using System.Globalization;

namespace QuickStart;

/// <summary>The program's arguments.</summary>
internal sealed record QuickStartOptions
{
    public const string Help = """
        Aligns a small image generator with real photographs (VA-pi), and shows what that changed.

        usage: QuickStart [options]

          --images DIR    photographs, one folder a class (default: the six that come with the sample)
          --output DIR    where pictures, the aligned policy and summary.json go (default: quickstart-output)
          --seed N        decides everything random (default: 0)
          --rollouts N    rollouts of alignment (default: 50)
          --models DIR    the small tokenizer, policy and feature network (default: those that come with the sample)
          --train-base    first train those small networks on the photographs and write them to --models (twenty minutes or so)
          --help          this text
        """;

    private static readonly string Assets = Path.Combine(AppContext.BaseDirectory, "Assets");

    public string Images { get; private init; } = Path.Combine(Assets, "photographs");

    public string Output { get; private init; } = "quickstart-output";

    public string Models { get; private init; } = Path.Combine(Assets, "models");

    public int Seed { get; private init; }

    public int Rollouts { get; private init; } = 50;

    public bool TrainBase { get; private init; }

    public bool ShowHelp { get; private init; }

    /// <exception cref="ArgumentException">An option is unknown or has no proper value.</exception>
    public static QuickStartOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new QuickStartOptions();
        for (int index = 0; index < arguments.Count; index++)
        {
            string name = arguments[index];
            string Value() => index + 1 < arguments.Count && arguments[index + 1].Length > 0
                ? arguments[++index]
                : throw new ArgumentException($"{name} needs a value.");
            int Number(int lowest)
            {
                string text = Value();
                return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= lowest
                    ? number
                    : throw new ArgumentException($"{name} is '{text}' but must be a whole number of at least {lowest}.");
            }

            options = name switch
            {
                "--images" => options with { Images = Value() },
                "--output" => options with { Output = Value() },
                "--models" => options with { Models = Value() },
                "--seed" => options with { Seed = Number(0) },
                "--rollouts" => options with { Rollouts = Number(1) },
                "--train-base" => options with { TrainBase = true },
                "--help" or "-h" => options with { ShowHelp = true },
                _ => throw new ArgumentException($"There is no option '{name}'."),
            };
        }

        return options.TrainBase && options.Models == new QuickStartOptions().Models
            ? throw new ArgumentException("--train-base writes its networks to a folder of yours: name it with --models.")
            : options;
    }
}
