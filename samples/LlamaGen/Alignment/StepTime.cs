using VaPi;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Rewards;
using static System.FormattableString;

namespace LlamaGen.Alignment;

/// <summary>
/// How long a rollout will take: a small one is made at learning rate 0, which leaves the policy as it is, and its phases are
/// multiplied to the run's size. What costs time an image, a sample or an update grows by the number of those; larger batches
/// compute somewhat faster than that says.
/// </summary>
internal sealed class StepTime
{
    private static readonly TimeSpan WorthRepeating = TimeSpan.FromSeconds(30);

    private readonly AlignmentOptions _measured;
    private readonly PhaseSeconds _seconds;

    private StepTime(AlignmentOptions measured, PhaseSeconds seconds) => (_measured, _seconds) = (measured, seconds);

    /// <summary>Makes one minibatch's images with two samples each, and where that was quick a second time, since the first warms up.</summary>
    /// <param name="policy">Stays as it is.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="reward">The reward.</param>
    /// <param name="images">The images.</param>
    /// <param name="recipe">The run that will be made.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public static StepTime Measure(
        IAutoregressivePolicy policy, ITokenizer tokenizer, Reward reward, IImageSource images, Recipe recipe, CancellationToken cancellationToken)
    {
        AlignmentOptions options = (recipe with
        {
            ImagesPerRollout = Math.Min(recipe.ImagesPerMinibatch, recipe.ImagesPerRollout),
            GroupSize = 2,
            MinibatchesPerUpdate = null,
            PassesPerRollout = 1,
            LearningRate = 0,
        }).ToOptions();
        using AlignmentTrainer trainer = AlignmentTrainer.CreateBuilder()
            .WithPolicy(policy)
            .WithTokenizer(tokenizer)
            .WithReward(reward)
            .WithImages(images)
            .WithOptions(options)
            .Build();
        PhaseSeconds seconds = trainer.Step(cancellationToken).Seconds;
        if (seconds.Total < WorthRepeating.TotalSeconds)
            seconds = trainer.Step(cancellationToken).Seconds;
        return new StepTime(options, seconds);
    }

    public override string ToString() => Invariant(
        $"{Wording.Count(_measured.ImagesPerRollout, "image")} with {_measured.GroupSize} samples took {_seconds.Total:F1} s (encode {_seconds.Encode:F2}, sample {_seconds.Sample:F2}, score {_seconds.Score:F2}, train {_seconds.Train:F2}, update {_seconds.Update:F2})");

    /// <summary>The time of one rollout of a run, extrapolated from what was measured.</summary>
    public TimeSpan Of(Recipe recipe) => TimeSpan.FromSeconds(Extrapolate(_seconds, _measured.ImagesPerRollout, _measured.GroupSize, recipe));

    /// <param name="seconds">The phases of a rollout with one update.</param>
    /// <param name="images">Its images.</param>
    /// <param name="groupSize">Its samples an image.</param>
    /// <param name="recipe">The run's.</param>
    internal static double Extrapolate(PhaseSeconds seconds, int images, int groupSize, Recipe recipe)
    {
        double byImage = (double)recipe.ImagesPerRollout / images;
        double bySample = byImage * recipe.GroupSize / groupSize;
        int minibatches = (recipe.ImagesPerRollout + recipe.ImagesPerMinibatch - 1) / recipe.ImagesPerMinibatch;
        int updates = minibatches / Math.Min(recipe.MinibatchesPerUpdate ?? minibatches, minibatches);
        return (seconds.Data + seconds.Encode + seconds.Sample) * byImage
            + seconds.Score * bySample
            + (seconds.Train * byImage + seconds.Update * updates) * recipe.PassesPerRollout;
    }
}
