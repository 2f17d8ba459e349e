using System.Text;
using QuickStart.Output;

namespace QuickStart.CommandLine;

/// <summary>What <c>--help</c> prints: every option with its range and default, what comes out, and the exit codes.</summary>
internal static class Help
{
    private const string Start = "dotnet run -c Release --project samples/QuickStart --";
    private const string Habits =
        "Files of these names that an earlier run left are removed once a run has read its photographs. Ctrl-C stops a run; the policy as the last finished rollout left it is saved, and its path told. A second Ctrl-C ends at once.";

    public static string Text(IEnumerable<CommandLineOption<QuickStartOptions>> options)
    {
        StringBuilder text = new StringBuilder()
            .AppendLine("Aligns a small image generator with photographs (VA-pi) and shows the change.")
            .AppendLine()
            .AppendLine($"usage: {Start} [options]")
            .AppendLine()
            .AppendSection("options", HelpSections.Described(options))
            .AppendSection(
                "what comes out, in the folder of --output",
                [
                    (RunFolder.Picture, "real crops, their reconstructions, and samples before alignment, after it and of the control, by class"),
                    (RunFolder.Curve, "the samples' mean reward over the rollouts"),
                    (RunFolder.Policy, "the aligned policy; LlamaGenPolicy.Load reads it"),
                    (RunFolder.Report, "with --report: tables, curves, pictures and options on one page for a browser, without a network"),
                    (RunFolder.Summary, "all numbers and settings; written last, so where it is the run was completed"),
                ])
            .AppendParagraph(Habits)
            .AppendSection(
                "examples",
                [
                    ($"{Start} --rollouts 10 --samples 256", "a quicker and rougher look"),
                    ($"{Start} --seed 1 --output seed-1", "other random numbers, beside the first run's files"),
                    ($"{Start} --images photos --models networks --train-base", "photographs of your own, and networks trained on them"),
                ],
                beside: false)
            .AppendSection(
                "exit codes",
                [
                    ("0", "completed"),
                    ("1", "something to mend (a folder, a photograph, a checkpoint, another run in the same folder); the message says what"),
                    ("64", "an option is unknown or out of its range"),
                    ("130", "stopped by Ctrl-C, or asked to end (SIGTERM, SIGHUP)"),
                ]);
        return text.ToString().TrimEnd();
    }
}
