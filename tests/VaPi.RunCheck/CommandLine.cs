using System.Globalization;

namespace VaPi.RunCheck;

/// <summary>What the program is asked to do.</summary>
internal static class CommandLine
{
    private const string Usage = """
        VaPi.RunCheck align FOLDER [--rollouts N] [--every N]
            makes a run of a toy policy in a run folder, or goes on with it
        VaPi.RunCheck kill FOLDER [--kills N] [--during-writes N] [--rollouts N] [--seed N]
            kills such runs at random moments, resumes them, and compares with one that was never stopped
        VaPi.RunCheck soak FOLDER [--rollouts N] [--megabytes N] [--percent N]
            makes a long run with checkpoints, and looks whether tensors, memory and step time stay the same
        """;

    public static int Run(string[] arguments)
    {
        if (arguments.Length < 2 || arguments.Length % 2 != 0)
            return Refused();
        string folder = arguments[1];
        var options = new Dictionary<string, int>();
        for (int index = 2; index < arguments.Length; index += 2)
        {
            if (!arguments[index].StartsWith("--", StringComparison.Ordinal) || !int.TryParse(arguments[index + 1], CultureInfo.InvariantCulture, out int number))
                return Refused();
            options[arguments[index][2..]] = number;
        }

        int Option(string name, int usual) => options.Remove(name, out int given) ? given : usual;
        Func<int>? command = arguments[0] switch
        {
            "align" => WithAlign(folder, Option("rollouts", 100), Option("every", 5)),
            "kill" => WithKill(folder, Option("kills", 25), Option("during-writes", 8), Option("rollouts", 200), Option("seed", 0)),
            "soak" => WithSoak(folder, Option("rollouts", 2000), Option("megabytes", 8), Option("percent", 150)),
            _ => null,
        };
        return command is null || options.Count > 0 ? Refused() : command();
    }

    private static Func<int> WithAlign(string folder, int rollouts, int every) => () => ToyRun.Align(folder, rollouts, every);

    private static Func<int> WithKill(string folder, int kills, int duringWrites, int rollouts, int seed) =>
        () => new KillCheck(folder, rollouts, seed).Run(kills, duringWrites) ? 0 : 1;

    private static Func<int> WithSoak(string folder, int rollouts, int megabytes, int percent) => () => SoakCheck.Run(folder, rollouts, megabytes, percent) ? 0 : 1;

    private static int Refused()
    {
        Console.Error.WriteLine(Usage);
        return 2;
    }
}
