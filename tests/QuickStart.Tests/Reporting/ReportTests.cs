using System.Globalization;
using QuickStart.Measuring;
using QuickStart.Reporting;
using QuickStart.Tests.Toys;
using Spectre.Console;
using Xunit;

namespace QuickStart.Tests.Reporting;

public class ReportTests
{
    private static readonly RunPhase[] Phases =
    [
        new("read", "Reading 6 photographs", Work.Reading, 6),
        new("measure", "Measuring the policy", Work.Measuring, 10),
        new("align", "Aligning: 30 rollouts", Work.Aligning, 30),
        new("draw", "Drawing the pictures", Work.Drawing, 1),
    ];

    private static readonly RunResult Result = new(
        new Measurement(-1.3, -2.7, 16.9),
        new Measurement(-1.2, -2.4, 13.7),
        new Measurement(-1.25, -2.6, 13.1),
        TimeSpan.FromSeconds(75),
        [("Look at", "/results/before-after.png"), ("All numbers", "/results/summary.json")]);

    private readonly ManualTime _time = new();

    [Fact]
    public void The_plain_log_has_a_line_for_each_phase_and_ten_rollouts()
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var report = new PlainReport(output, _time);

        Run(report);

        string[] lines = output.ToString().Split('\n');
        Assert.Equal("Reading 6 photographs ...", lines[0]);
        Assert.Equal("  warning: Skipped: 'small.png'", lines[1]);
        Assert.Equal("Measuring the policy ...", lines[2]);
        Assert.StartsWith("  8 of 10 steps, about ", lines[3], StringComparison.Ordinal); // after 16 s of silence
        Assert.StartsWith("  reward -1.3", lines[4], StringComparison.Ordinal);
        Assert.StartsWith("Aligning: 30 rollouts ... (about ", lines[5], StringComparison.Ordinal);
        Assert.StartsWith("  rollout    1/30: reward -1.9900, prior 4.250, entropy 4.500, 12.5 images/s, about ", lines[6], StringComparison.Ordinal);
        Assert.StartsWith("  rollout   10/30: reward -1.9000 (up 0.050 on the first 5 rollouts), ", lines[7], StringComparison.Ordinal);
        Assert.StartsWith("  rollout   30/30: reward -1.7000 (up 0.200 on the first 10 rollouts), ", lines[9], StringComparison.Ordinal);
        Assert.StartsWith("Drawing the pictures ... (about ", lines[10], StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output.ToString());
    }

    [Fact]
    public void The_last_thing_in_the_log_is_the_table_its_meaning_and_where_to_look()
    {
        using var output = new StringWriter();
        using var report = new PlainReport(output, _time);

        report.Completed(Result);

        string text = output.ToString();
        Assert.Contains("| aligned by VA-pi       |      -1.200 (+0.100) |      -2.400 (+0.300) |     13.70 (-3.20) |", text, StringComparison.Ordinal);
        Assert.Contains("| before                 |               -1.300 |               -2.700 |             16.90 |", text, StringComparison.Ordinal);
        Assert.Contains("/results/before-after.png", text, StringComparison.Ordinal);
        Assert.Contains("Done in 1 min 15 s.", text, StringComparison.Ordinal);
        Assert.All(text.Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, 100));
    }

    [Fact]
    public void The_verdict_says_what_the_numbers_say()
    {
        Assert.StartsWith(
            "Alignment improved the reward under a clean prefix, the reward under a noisy prefix and the Frechet distance. Beside the control, which saw as many images, "
            + "it is ahead in the reward under a clean prefix and the reward under a noisy prefix; it is behind in the Frechet distance.",
            Verdict.Of(Result),
            StringComparison.Ordinal);
        Assert.StartsWith(
            "Alignment worsened the reward under a clean prefix; it left unchanged the reward under a noisy prefix and the Frechet distance. Beside the control, which saw as many images, it is behind in",
            Verdict.Of(Result with { Aligned = Result.Before with { RewardClean = -1.4 } }),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_that_nobody_reads_does_not_stop_the_run()
    {
        using var output = new ThrowingWriter();
        using var report = new PlainReport(output, _time);

        Run(report);
        report.Completed(Result);
    }

    [Theory]
    [InlineData(120, 40)]
    [InlineData(80, 24)]
    [InlineData(30, 6)]
    [InlineData(10, 3)]
    [InlineData(2, 2)]
    [InlineData(1, 1)]
    public void The_live_view_fits_every_window(int width, int height)
    {
        var trend = new RewardTrend();
        for (int rollout = 0; rollout < 40; rollout++)
            trend.Add(rollout);
        var state = new RunState(Phases, 2, 12, [TimeSpan.Zero, TimeSpan.Zero], TimeSpan.FromSeconds(50), TimeSpan.FromSeconds(70), trend);
        using var output = new StringWriter { NewLine = "\n" };
        IAnsiConsole console = Terminal(output, width, height);

        console.Write(new LiveView { State = state });

        string[] lines = output.ToString().Split('\n');
        Assert.InRange(lines.Length, 1, Math.Max(2, height));
        Assert.All(lines, line => Assert.InRange(line.Length, 0, width));
        if (width >= 80)
        {
            Assert.Contains(lines, line => line.Contains("41 %  50 s, about 1 min 10 s left", StringComparison.Ordinal));
            Assert.Contains(lines, line => line.Contains("Aligning: 30 rollouts  12/30", StringComparison.Ordinal));
            Assert.Contains(lines, line => line.Contains("up 30.000 on the first 10 rollouts", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(100, 30)]
    [InlineData(20, 4)]
    [InlineData(1, 1)]
    public void The_live_report_shows_notes_and_the_result(int width, int height)
    {
        using var output = new StringWriter();
        using var report = new InteractiveReport(Terminal(output, width, height));

        Run(report);
        report.Completed(Result);
        report.Note("later");

        string text = output.ToString();
        Assert.Contains("/results/before-after.png", text, StringComparison.Ordinal);
        if (width == 100)
        {
            Assert.Contains("warning: Skipped: 'small.png'", text, StringComparison.Ordinal);
            Assert.Contains("aligned by VA-pi", text, StringComparison.Ordinal);
            Assert.Contains("later", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_terminal_that_is_gone_does_not_stop_the_run()
    {
        using var output = new ThrowingWriter();
        using var report = new InteractiveReport(Terminal(output, 80, 24));

        Run(report);
        report.Completed(Result);
    }

    [Theory]
    [InlineData(0.4, "0 s")]
    [InlineData(59.6, "1 min 0 s")]
    [InlineData(80, "1 min 20 s")]
    [InlineData(7500, "2 h 5 min")]
    [InlineData(-3, "0 s")]
    public void Durations_are_words(double seconds, string text) => Assert.Equal(text, Wording.Of(TimeSpan.FromSeconds(seconds)));

    private static IAnsiConsole Terminal(TextWriter output, int width, int height)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.Yes,
            Out = new AnsiConsoleOutput(output),
        });
        (console.Profile.Width, console.Profile.Height) = (width, height);
        return console;
    }

    private void Run(IRunReport report)
    {
        var progress = new RunProgress(Phases, report, _time);
        progress.Begin(Phases[0]);
        report.Warn("Skipped: 'small.png'");
        progress.Advance(6);
        progress.Begin(Phases[1]);
        for (int step = 0; step < 10; step++)
        {
            _time.Pass(2);
            progress.Advance(1);
        }

        report.Note(string.Create(CultureInfo.InvariantCulture, $"reward {-1.3}"));
        progress.Begin(Phases[2]);
        for (int rollout = 1; rollout <= 30; rollout++)
        {
            _time.Pass(1);
            progress.Advance(ToySteps.Of(rollout, -2 + rollout / 100.0));
        }

        progress.Begin(Phases[3]);
        progress.Advance(1);
        progress.EndPhase();
    }
}
