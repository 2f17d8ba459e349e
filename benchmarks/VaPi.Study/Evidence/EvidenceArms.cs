using System.Globalization;
using VaPi.Alignment;
using VaPi.Alignment.Advantages;
using VaPi.Alignment.Rollouts;
using VaPi.Alignment.Surrogates;

namespace VaPi.Study.Evidence;

/// <summary>What the study compares: one factor at a time around the recipe.</summary>
internal static class EvidenceArms
{
    /// <summary>The policy as its base training leaves it.</summary>
    public static EvidenceArm Base { get; } = new("base", "") { IsTrained = false };

    /// <summary>What the tokenizer alone makes of the images: the bound of every other.</summary>
    public static EvidenceArm Tokenizer { get; } = new("tokenizer", "alone") { IsTrained = false, IsTokenizerAlone = true };

    /// <summary>VA-π, around which the others are.</summary>
    public static EvidenceArm Recipe { get; } = new("VA-π", "") { LearningRates = Rates };

    /// <summary>Fine-tuning as everyone does it.</summary>
    private static EvidenceArm CleanCrossEntropy { get; } = CrossEntropy("cross-entropy", 0);

    /// <summary>Base and recipe first, then the bound, the alternatives, and the settings.</summary>
    public static IReadOnlyList<EvidenceArm> All { get; } =
    [
        Base,
        Recipe,
        Tokenizer,
        .. Temperatures.Append(0.7).Select(temperature => new EvidenceArm("alternative", $"base at temperature {Text(temperature)}") { IsTrained = false, Temperature = temperature }),
        .. Temperatures.Select(temperature => Recipe.At(temperature)),
        Alternative("reward only") with { Recipe = Own with { PriorWeight = 0 } },
        CleanCrossEntropy,
        .. Temperatures.Select(temperature => CleanCrossEntropy.At(temperature)),
        CrossEntropy("prior only: cross-entropy, noisy prefix", Own.ContextNoise),
        Alternative("KL instead of the prior") with { Recipe = Own with { PriorWeight = 0, KlWeight = 0.1 } },
        Alternative("straight-through") with
        {
            Recipe = Own with { ContextNoise = 0, GroupSize = 1 }, // as published: with the prior, on a clean prefix
            Compose = builder => builder.WithStraightThrough(),
        },
        Alternative("straight-through, noisy prefix") with
        {
            Recipe = Own with { GroupSize = 1 }, // the recipe in all but where the gradient comes from
            Compose = builder => builder.WithStraightThrough(),
        },
        Alternative("free-running GRPO") with
        {
            Recipe = Own with { ContextNoise = 0, PriorWeight = 0, KlWeight = 0.01 },
            Objective = run => run.World.OwnReward,
            Compose = builder => builder.WithRollouts(new FreeRunning()).Configure(options => (options.Mode, options.ClipHigh) = (AlignmentMode.Evaluation, 0.28)),
        },
        Advantage("mean only", new MeanOnly()),
        Advantage("leave one out", new LeaveOneOut()),
        .. Varied("ξ", Own.ContextNoise, [0, 0.1, 0.25, 0.5, 0.75, 1], (recipe, value) => recipe with { ContextNoise = value }),
        .. Varied("β", Own.PriorWeight, [0, 0.1, 1], (recipe, value) => recipe with { PriorWeight = value }),
        .. Varied("G", Own.GroupSize, [2, 4, 8, 16, 64], (recipe, value) => recipe with { GroupSize = (int)value }),
        .. Rates.Select(rate => new EvidenceArm("learning rate", Text(rate)) { Recipe = Own with { LearningRate = rate } }),
        .. new[] { 25, 50, 200 }.Select(rollouts => Setting("rollouts", Text(rollouts)) with { Rollouts = rollouts }),
        Setting("credit", "1 cell around") with { Objective = run => run.Reward.Localised() },
        Setting("credit", "1 cell around, ξ 0") with { Objective = run => run.Reward.Localised(), Recipe = Own with { ContextNoise = 0 } },
        TwoPasses("clipped by token"),
        TwoPasses("with a higher upper bound", builder => builder.Configure(options => options.ClipHigh = 0.28)),
        TwoPasses("clipped by sequence", builder => builder.WithSurrogate(new SequenceRatio(3e-4, 4e-4))),
        TwoPasses("detached and clamped", builder => builder.WithSurrogate(new DetachedRatio(0.2, 0.2))),
    ];

    /// <summary>Those that tell whether a base gains anything from being aligned.</summary>
    public static IReadOnlyList<EvidenceArm> Main { get; } =
        [.. All.Where(arm => arm.Name is "base" or "VA-π" || arm.Value is "cross-entropy" || arm.Value.StartsWith("base at", StringComparison.Ordinal))];

    /// <summary>A few of each kind, which show that everything works.</summary>
    public static IReadOnlyList<EvidenceArm> Quick { get; } =
        [.. All.Where(arm => arm.Name is "base" or "VA-π" or "alternative reward only" or "alternative cross-entropy").Select(arm => arm with { LearningRates = [] })];

    private static EvidenceRecipe Own => new();

    // Below 1 samples are more of what a policy is sure of, which costs no training: what training is worth shows beside it.
    private static double[] Temperatures => [0.9, 0.8];

    private static double[] Rates => [3e-5, 1e-4, 3e-4, 1e-3];

    private static EvidenceArm Alternative(string value) => new("alternative", value) { LearningRates = Rates };

    private static EvidenceArm Setting(string factor, string value) => new(factor, value) { LearningRateOf = Recipe };

    // The prior term without a policy loss; one sample an image, since none is trained on.
    private static EvidenceArm CrossEntropy(string value, double contextNoise) => Alternative(value) with
    {
        Recipe = Own with { PriorWeight = 1, ContextNoise = contextNoise, GroupSize = 1 },
        Compose = builder => builder.WithSurrogate(new NoPolicyLoss()),
    };

    // These leave advantages in units of the reward: it is brought to the size that the recipe's have, so that the prior weighs no more.
    private static EvidenceArm Advantage(string value, IAdvantageEstimator estimator) => new("advantage", value)
    {
        LearningRates = Rates,
        IsRewardInDeviations = true,
        Compose = builder => builder.WithAdvantage(estimator).Configure(options => options.AdvantageClip = double.PositiveInfinity),
    };

    // With one update a rollout a ratio differs from 1 by dropout alone: how it is clipped shows with two.
    private static EvidenceArm TwoPasses(string value, Func<AlignmentTrainerBuilder, AlignmentTrainerBuilder>? compose = null) => Setting("ratio, 2 passes", value) with
    {
        Compose = builder => (compose ?? (same => same))(builder).Configure(options => options.PassesPerRollout = 2),
    };

    // The recipe's own value is the recipe's arm.
    private static IEnumerable<EvidenceArm> Varied(string factor, double own, double[] values, Func<EvidenceRecipe, double, EvidenceRecipe> change) =>
        values.Where(value => value != own).Select(value => Setting(factor, Text(value)) with { Recipe = change(Own, value) });

    // The same training, sampled otherwise.
    private static EvidenceArm At(this EvidenceArm arm, double temperature) => arm with
    {
        Value = $"{arm.Value} at temperature {Text(temperature)}".Trim(),
        Temperature = temperature,
        LearningRateOf = arm,
    };

    private static string Text(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);
}
