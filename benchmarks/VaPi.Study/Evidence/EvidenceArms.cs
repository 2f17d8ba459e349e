using System.Globalization;

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

    /// <summary>Base and recipe first, then the bound, the alternatives, and the settings.</summary>
    public static IReadOnlyList<EvidenceArm> All { get; } =
    [
        Base,
        Recipe,
        Tokenizer,
        Alternative("reward only") with { Recipe = Own with { PriorWeight = 0 } },
        CrossEntropy("cross-entropy", 0),
        CrossEntropy("cross-entropy, noisy prefix", Own.ContextNoise),
        Alternative("KL instead of the prior") with { Recipe = Own with { PriorWeight = 0, KlWeight = 0.1 } },
        .. Varied("ξ", Own.ContextNoise, [0, 0.25, 0.5, 0.75, 1], (recipe, value) => recipe with { ContextNoise = value }),
        .. Varied("β", Own.PriorWeight, [0, 0.1, 1], (recipe, value) => recipe with { PriorWeight = value }),
        .. Varied("G", Own.GroupSize, [2, 4, 8, 16, 64], (recipe, value) => recipe with { GroupSize = (int)value }),
        .. Rates.Select(rate => new EvidenceArm("learning rate", Text(rate)) { Recipe = Own with { LearningRate = rate } }),
        Setting("credit", "1 cell around") with { Objective = reward => reward.Localised() },
        Setting("credit", "1 cell around, ξ 0") with { Objective = reward => reward.Localised(), Recipe = Own with { ContextNoise = 0 } },
    ];

    /// <summary>A few of each kind, which show that everything works.</summary>
    public static IReadOnlyList<EvidenceArm> Quick { get; } =
        [.. All.Where(arm => arm.Name is "base" or "VA-π" or "alternative reward only" or "alternative cross-entropy").Select(arm => arm with { LearningRates = [] })];

    private static EvidenceRecipe Own => new();

    private static double[] Rates => [1e-5, 3e-5, 1e-4];

    private static EvidenceArm Alternative(string value) => new("alternative", value) { LearningRates = Rates };

    private static EvidenceArm Setting(string factor, string value) => new(factor, value) { LearningRateOf = Recipe };

    // Rewards that are all zero have no advantages: what is left of the loss is the prior term.
    private static EvidenceArm CrossEntropy(string value, double contextNoise) => Alternative(value) with
    {
        Recipe = Own with { PriorWeight = 1, ContextNoise = contextNoise },
        Objective = reward => 0 * reward,
    };

    // The recipe's own value is the recipe's arm.
    private static IEnumerable<EvidenceArm> Varied(string factor, double own, double[] values, Func<EvidenceRecipe, double, EvidenceRecipe> change) =>
        values.Where(value => value != own).Select(value => Setting(factor, Text(value)) with { Recipe = change(Own, value) });

    private static string Text(double value) => value.ToString("0.######", CultureInfo.InvariantCulture);
}
