using VaPi.Alignment;

namespace VaPi.Study.Evidence;

/// <summary>One way to train the base policy: the recipe with one thing changed.</summary>
/// <param name="Factor">What is changed.</param>
/// <param name="Value">What it is changed to.</param>
internal sealed record EvidenceArm(string Factor, string Value)
{
    public EvidenceRecipe Recipe { get; init; } = new();

    /// <summary>How long it is trained; null for as long as all others.</summary>
    public int? Rollouts { get; init; }

    /// <summary>The learning rates to choose from, by what each does on the validation images; empty for the recipe's own.</summary>
    public IReadOnlyList<double> LearningRates { get; init; } = [];

    /// <summary>The arm whose learning rate, as chosen, this one has too, so that it differs in nothing else; null for its own.</summary>
    public EvidenceArm? LearningRateOf { get; init; }

    /// <summary>Whether anything is trained; false for the base itself.</summary>
    public bool IsTrained { get; init; } = true;

    /// <summary>The temperature that samples are drawn at when they are measured; below 1 the likely tokens are likelier still.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>
    /// Whether the images themselves, encoded and decoded, stand in for samples: what a policy that errs in no token would do.
    /// </summary>
    public bool IsTokenizerAlone { get; init; }

    /// <summary>What is maximised; measuring always uses the world's reward.</summary>
    public Func<EvidenceRun, IRewardFunction> Objective { get; init; } = run => run.Reward;

    /// <summary>Whether the objective is divided by its deviation within a group of the policy's samples before training.</summary>
    public bool IsRewardInDeviations { get; init; }

    /// <summary>What is put into the trainer in place of the library's parts.</summary>
    public Func<AlignmentTrainerBuilder, AlignmentTrainerBuilder> Compose { get; init; } = builder => builder;

    public string Name => $"{Factor} {Value}".Trim();

    /// <summary>The name as a folder's.</summary>
    public string Folder
    {
        get
        {
            string plain = Name.Replace("ξ", "noise", StringComparison.Ordinal).Replace("β", "prior", StringComparison.Ordinal).Replace("κ", "kl", StringComparison.Ordinal);
            return string.Concat(plain.ToLowerInvariant().Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' ? letter : '-'));
        }
    }
}
