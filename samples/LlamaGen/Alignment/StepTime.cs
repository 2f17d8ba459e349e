using VaPi;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Models.LlamaGen;
using VaPi.Models.LlamaGen.Costs;
using VaPi.Rewards;
using static System.FormattableString;

namespace LlamaGen.Alignment;

/// <summary>
/// How long a rollout will take: a small one is made at learning rate 0, which leaves the policy as it is, and each of its
/// phases takes as much longer in the run as it costs more there. Larger batches compute somewhat faster than that says.
/// </summary>
internal sealed class StepTime
{
    private static readonly TimeSpan WorthRepeating = TimeSpan.FromSeconds(30);

    private readonly RolloutCost _cost;
    private readonly AlignmentOptions _measured;
    private readonly PhaseSeconds _seconds;

    private StepTime(AlignmentOptions measured, RolloutCost cost, PhaseSeconds seconds) => (_measured, _cost, _seconds) = (measured, cost, seconds);

    /// <summary>Makes one minibatch's images with two samples each, and where that was quick a second time, since the first warms up.</summary>
    /// <param name="policy">Stays as it is.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="reward">The reward.</param>
    /// <param name="images">The images.</param>
    /// <param name="recipe">The run that will be made.</param>
    /// <param name="costOf">What a rollout with other options costs.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    public static StepTime Measure(
        LlamaGenPolicy policy,
        LlamaGenTokenizer tokenizer,
        Reward reward,
        IImageSource images,
        Recipe recipe,
        Func<AlignmentOptions, RolloutCost> costOf,
        CancellationToken cancellationToken)
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
        return new StepTime(options, costOf(options), seconds);
    }

    public override string ToString() => Invariant(
        $"{Wording.Count(_measured.ImagesPerRollout, "image")} with {_measured.GroupSize} samples took {_seconds.Total:F1} s (encode {_seconds.Encode:F2}, sample {_seconds.Sample:F2}, score {_seconds.Score:F2}, train {_seconds.Train:F2}, update {_seconds.Update:F2})");

    /// <summary>The time of one rollout of a run, extrapolated from what was measured.</summary>
    /// <param name="run">What it costs.</param>
    public TimeSpan Of(RolloutCost run) => TimeSpan.FromSeconds(Extrapolate(_seconds, _cost, run));

    /// <param name="seconds">The phases of a rollout.</param>
    /// <param name="measured">What it cost.</param>
    /// <param name="run">What a rollout of the run costs.</param>
    internal static double Extrapolate(PhaseSeconds seconds, RolloutCost measured, RolloutCost run)
    {
        double Grown(double phase, Func<RolloutCost, double> cost) => phase * cost(run) / cost(measured);
        return Grown(seconds.Data + seconds.Encode, cost => cost.Encode.Operations) // images are read one by one too
            + Grown(seconds.Sample, cost => cost.Sample.Operations)
            + Grown(seconds.Score, cost => cost.Decode.Operations + cost.Score.Operations)
            + Grown(seconds.Train, cost => cost.Train.Operations + (cost.Reference?.Operations ?? 0))
            + Grown(seconds.Update, cost => cost.Update.BytesMoved);
    }
}
