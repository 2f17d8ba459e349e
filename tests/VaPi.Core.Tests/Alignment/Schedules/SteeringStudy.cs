using System.Globalization;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Alignment.Schedules;
using VaPi.Tests.Toys;
using Xunit.Abstractions;

namespace VaPi.Tests.Alignment.Schedules;

/// <summary>Prints the tables of <c>docs/schedules.md</c>: means over five seeds of 200 rollouts each.</summary>
public class SteeringStudy(ITestOutputHelper output)
{
    private const int Seeds = 5;

    [StudyFact]
    public void Learning_rate_by_the_divergence()
    {
        static Schedule Steered(double target, double gain) => FewImages.WarmUp.SteeredBy(Signal.KlToStart, target, gain);
        (string Name, Schedule Rate)[] settings =
        [
            ("0 to 0.01 in 50 rollouts, then constant", FewImages.WarmUp),
            .. new[] { 0.05, 0.1, 0.2, 0.5, 1, 2 }.Select(gain => (string.Create(CultureInfo.InvariantCulture, $"the same, target 0.1, gain {gain}"), Steered(0.1, gain))),
            .. new[] { 0.05, 0.2, 0.4 }.Select(target => (string.Create(CultureInfo.InvariantCulture, $"the same, target {target}, gain 0.5"), Steered(target, 0.5))),
            ("0.01 from the first rollout, target 0.1, gain 0.5", Schedule.Constant(1e-2).SteeredBy(Signal.KlToStart, 0.1, 0.5)),
            ("0.001 throughout", 1e-3),
        ];

        Row("learning rate", "highest KL", "KL at the end", "held-out reward");
        Row("---", "---", "---", "---");
        foreach ((string name, Schedule rate) in settings)
        {
            List<Outcome> runs = Runs(options => options.LearningRate = rate);
            Row(
                name,
                Mean(runs, run => Tens(run, step => step.KlDivergence).Max(), "F2"),
                Mean(runs, run => Tens(run, step => step.KlDivergence).TakeLast(5).Average(), "F2"),
                Mean(runs, run => run.Reward, "F3"));
        }

        using var start = new FewImages();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"The starting policy: {start.HeldOut:F3}"));
    }

    [StudyFact]
    public void Noise_by_the_entropy()
    {
        static Schedule Steered(double gain) => Schedule.Constant(0.1).SteeredBy(Signal.Entropy, target: 0.6, gain, lowestFactor: 1, highestFactor: 10);
        (string Name, Schedule Noise)[] settings =
        [
            ("0.1 throughout", 0.1),
            .. new[] { 0.05, 0.1, 0.3, 1 }.Select(gain => (string.Create(CultureInfo.InvariantCulture, $"0.1, target 0.6, gain {gain}"), Steered(gain))),
        ];

        Row("noise ξ", "entropy, rollouts 51 to 100", "entropy, 101 to 150", "entropy, 151 to 200", "ξ, 151 to 200");
        Row("---", "---", "---", "---", "---");
        foreach ((string name, Schedule noise) in settings)
        {
            List<Outcome> runs = Runs(options => (options.LearningRate, options.ContextNoise) = (2e-3, noise));
            string Part(int from, Func<AlignmentStep, double?> read) => Mean(runs, run => Tens(run, read).Skip(from / 10).Take(5).Average(), "F2");
            Row(name, Part(50, step => step.Entropy), Part(100, step => step.Entropy), Part(150, step => step.Entropy), Part(150, step => step.ContextNoise));
        }
    }

    [StudyFact]
    public void Stopping_early()
    {
        Row("patience, measured every 5 rollouts", "rollouts made", "best after", "held-out reward");
        Row("---", "---", "---", "---");
        foreach (int patience in new[] { 1, 2, 4, 8 })
        {
            var runs = new List<(double Made, double Best, double Reward)>();
            for (int seed = 0; seed < Seeds; seed++)
            {
                using var images = new FewImages();
                using AlignmentTrainer trainer = images.Builder(options => options.Seed = seed)
                    .StopEarly(images.OnHeldOutReward() with { Every = 5, Patience = patience })
                    .Build();
                trainer.AlignAsync().GetAwaiter().GetResult();
                runs.Add((trainer.StepsDone, trainer.Best!.Step, images.HeldOut));
            }

            Row(
                patience.ToString(CultureInfo.InvariantCulture),
                runs.Average(run => run.Made).ToString("F0", CultureInfo.InvariantCulture),
                runs.Average(run => run.Best).ToString("F0", CultureInfo.InvariantCulture),
                runs.Average(run => run.Reward).ToString("F3", CultureInfo.InvariantCulture));
        }
    }

    private static List<Outcome> Runs(Action<AlignmentOptions> configure)
    {
        var outcomes = new List<Outcome>();
        for (int seed = 0; seed < Seeds; seed++)
        {
            using var images = new FewImages();
            using AlignmentTrainer trainer = images.Builder(configure + (options => options.Seed = seed)).Build();
            List<AlignmentStep> steps = [.. Enumerable.Range(0, 200).Select(_ => trainer.Step())];
            outcomes.Add(new Outcome(steps, images.HeldOut));
        }

        return outcomes;
    }

    // Ten rollouts at a time: of one alone the divergence is a rough estimate.
    private static IEnumerable<double> Tens(Outcome run, Func<AlignmentStep, double?> read) => run.Steps.Chunk(10).Select(ten => ten.Average(step => read(step)!.Value));

    private static string Mean(List<Outcome> runs, Func<Outcome, double> read, string format) => runs.Average(read).ToString(format, CultureInfo.InvariantCulture);

    private void Row(params string[] cells) => output.WriteLine($"| {string.Join(" | ", cells)} |");

    private sealed record Outcome(IReadOnlyList<AlignmentStep> Steps, double Reward);
}
