using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Alignment.Schedules;
using VaPi.Tests.Toys;
using Xunit;

namespace VaPi.Tests.Alignment.Schedules;

/// <summary>Runs that go too far with fixed settings and that steering holds.</summary>
public class OvershootTests
{
    [Fact]
    public void A_learning_rate_steered_by_the_divergence_stays_near_the_start_and_ends_better()
    {
        (double start, double fixedEnd, List<AlignmentStep> fixedSteps) = Run(_ => { });
        (_, double steeredEnd, List<AlignmentStep> steeredSteps) = Run(options =>
            options.LearningRate = FewImages.WarmUp.SteeredBy(Signal.KlToStart, target: 0.1, gain: 0.5));

        // On images that neither has seen: the fixed schedule makes the policy worse than it was, the steered one better.
        Assert.True(fixedEnd < start - 0.005 && steeredEnd > start + 0.005, $"from {start:F4} to {fixedEnd:F4} fixed and to {steeredEnd:F4} steered");
        Assert.True(LateKl(fixedSteps) > 0.6, $"{LateKl(fixedSteps)}");
        Assert.InRange(LateKl(steeredSteps), 0.05, 0.4);
    }

    [Fact]
    public void Noise_steered_by_the_entropy_holds_it()
    {
        (_, _, List<AlignmentStep> fixedSteps) = Run(options => (options.LearningRate, options.ContextNoise) = (2e-3, 0.1));
        (_, _, List<AlignmentStep> steeredSteps) = Run(options => (options.LearningRate, options.ContextNoise) =
            (2e-3, Schedule.Constant(0.1).SteeredBy(Signal.Entropy, target: 0.6, gain: 0.3, lowestFactor: 1, highestFactor: 10)));

        Assert.True(LateEntropy(fixedSteps) < 0.5, $"{LateEntropy(fixedSteps)}");
        Assert.InRange(LateEntropy(steeredSteps), 0.53, 0.67);
        Assert.True(steeredSteps.Max(step => step.ContextNoise) > 0.3);
        Assert.All(steeredSteps, step => Assert.InRange(step.ContextNoise, 0.1, 1));
    }

    private static (double Start, double End, List<AlignmentStep> Steps) Run(Action<AlignmentOptions> configure)
    {
        using var images = new FewImages();
        double start = images.HeldOut;
        using AlignmentTrainer trainer = images.Builder(configure).Build();
        List<AlignmentStep> steps = [.. Enumerable.Range(0, 200).Select(_ => trainer.Step())];
        return (start, images.HeldOut, steps);
    }

    private static double LateKl(List<AlignmentStep> steps) => steps.TakeLast(50).Average(step => step.KlDivergence!.Value);

    private static double LateEntropy(List<AlignmentStep> steps) => steps.TakeLast(50).Average(step => step.Entropy!.Value);
}
