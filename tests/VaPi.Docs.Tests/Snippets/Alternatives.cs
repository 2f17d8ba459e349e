using VaPi;
using VaPi.Alignment;
using VaPi.Alignment.Advantages;
using VaPi.Alignment.Rollouts;
using VaPi.Alignment.Surrogates;

namespace Documents;

/// <summary>The compositions of docs/alternatives.md, each on a builder that has a tokenizer, a policy, a reward and images.</summary>
internal static class Alternatives
{
    public static void CrossEntropy(AlignmentTrainerBuilder builder)
    {
        #region cross-entropy
        builder.WithSurrogate(new NoPolicyLoss())
            .Configure(o => { o.PriorWeight = 1; o.ContextNoise = 0; o.GroupSize = 1; });
        #endregion
    }

    public static void StraightThrough(AlignmentTrainerBuilder builder)
    {
        #region straight-through
        builder.WithStraightThrough(temperature: 1)
            .Configure(o => { o.ContextNoise = 0; o.GroupSize = 1; });
        #endregion
    }

    public static void FreeRunning(AlignmentTrainerBuilder builder, IRewardFunction reward)
    {
        #region free-running
        builder.WithRollouts(new FreeRunning())
            .WithReward(reward) // any that needs no originals
            .Configure(o => { o.Mode = AlignmentMode.Evaluation; o.ClipHigh = 0.28; o.KlWeight = 0.01; });
        #endregion
    }

    public static void KlInPlaceOfThePrior(AlignmentTrainerBuilder builder)
    {
        #region kl
        builder.Configure(o => { o.PriorWeight = 0; o.KlWeight = 0.1; });
        #endregion
    }

    public static void LeaveOneOutBySequence(AlignmentTrainerBuilder builder)
    {
        #region objectives
        builder.WithAdvantage(new LeaveOneOut())
            .WithSurrogate(new SequenceRatio(low: 3e-4, high: 4e-4))
            .Configure(o => o.AdvantageClip = double.PositiveInfinity); // in units of the reward here
        #endregion
    }

    public static void OwnParts(AlignmentTrainerBuilder builder)
    {
        #region own parts
        builder.WithReward(new ContrastReward())
            .WithAdvantage(new RankAdvantage())
            .WithSurrogate(new PenalisedRatio(weight: 0.1));
        #endregion
    }
}
