using VaPi.Study.Worlds;

namespace VaPi.Study.Evidence;

/// <summary>What docs/study.md shows of a world: its tables, made of the results.</summary>
internal static class EvidenceDocument
{
    private static readonly string[] Quality =
        [EvidenceMeasures.Frechet, EvidenceMeasures.Precision, EvidenceMeasures.Recall, SceneSampleVerifier.Overall, EvidenceMeasures.RewardClean, EvidenceMeasures.RewardNoisy];

    private static readonly string[] Likelihood =
    [
        EvidenceMeasures.NatsClean,
        EvidenceMeasures.NoisyGap,
        EvidenceMeasures.SampledGap,
        EvidenceMeasures.GeneratedGap,
        EvidenceMeasures.Reconstruction,
        EvidenceMeasures.Divergence,
        EvidenceMeasures.Elbo,
        EvidenceMeasures.KlDivergence,
        EvidenceMeasures.Entropy,
    ];

    /// <summary>The arms that are something else than VA-π, rather than VA-π with other settings; with VA-π itself.</summary>
    public static IReadOnlyList<string> Alternatives { get; } =
        [.. EvidenceArms.All.Where(arm => arm.Factor is "base" or "VA-π" or "tokenizer" or "alternative" or "advantage").Select(arm => arm.Name)];

    /// <summary>Those of them of which pictures and curves are drawn: each training once.</summary>
    public static IReadOnlyList<string> Drawn { get; } = [.. Alternatives.Except(Named(arm => arm.IsTrained && arm.Temperature != 1))];

    // A temperature changes samples only.
    private static IReadOnlyList<string> Policies { get; } = [.. Alternatives.Except(Named(arm => arm.Temperature != 1 || arm.IsTokenizerAlone))];

    /// <summary>VA-π and its settings.</summary>
    public static IReadOnlyList<string> Settings { get; } =
        [.. EvidenceArms.All.Select(arm => arm.Name).Except(Alternatives).Prepend(EvidenceArms.Recipe.Name)];

    /// <summary>Whether pictures and curves are drawn of a result: of the alternatives' first seed.</summary>
    public static bool IsDrawn(EvidenceResult result) => result.Seed == 0 && Drawn.Contains(result.Arm);

    /// <summary>Whether settings were studied, and not only what VA-π does.</summary>
    public static bool HasSettings(EvidenceSet set) => set.Arms.Intersect(Settings).Skip(1).Any();

    /// <summary>The tables of all worlds that there are results of.</summary>
    public static IEnumerable<(string Name, string Table)> Tables(IReadOnlyList<EvidenceResult> results)
    {
        foreach (string world in results.Select(result => result.World).Distinct())
        {
            var set = new EvidenceSet(world, results);
            string[] quality = [.. Quality.Intersect(set.Measures)];
            yield return ($"{world}, alternatives", EvidenceTables.Comparison(set, Alternatives, [EvidenceArms.Base.Name, EvidenceArms.Recipe.Name], quality));
            yield return ($"{world}, likelihood", EvidenceTables.Measures(set, Policies, Likelihood));
            if (HasSettings(set))
                yield return ($"{world}, settings", EvidenceTables.Comparison(set, Settings, [EvidenceArms.Recipe.Name], quality));
            string[] categories = [.. set.Measures.Where(measure => measure.StartsWith(SceneSampleVerifier.Overall + ",", StringComparison.Ordinal))];
            if (categories.Length > 0)
                yield return ($"{world}, verifier", EvidenceTables.Measures(set, Alternatives, [SceneSampleVerifier.Overall, .. categories]));
        }
    }

    private static IEnumerable<string> Named(Func<EvidenceArm, bool> which) => EvidenceArms.All.Where(which).Select(arm => arm.Name);
}
