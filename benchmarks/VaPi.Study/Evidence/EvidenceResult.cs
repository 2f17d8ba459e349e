namespace VaPi.Study.Evidence;

/// <summary>What came of one run.</summary>
internal sealed record EvidenceResult
{
    public required string World { get; init; }

    public required string Factor { get; init; }

    public required string Value { get; init; }

    public required int Seed { get; init; }

    public required double LearningRate { get; init; }

    public required int Rollouts { get; init; }

    /// <summary>What the arm's recipe was, but for the learning rate.</summary>
    public EvidenceRecipe? Recipe { get; init; }

    /// <summary>The images trained on.</summary>
    public required int Images { get; init; }

    /// <summary>Of training alone, of a processor: what else the machine does matters less to it than to the clock.</summary>
    public required double Seconds { get; init; }

    /// <summary>By name; see <see cref="EvidenceMeasures"/>, and the world's verifier.</summary>
    public required IReadOnlyDictionary<string, double> Measures { get; init; }

    /// <summary>What the trainer said of each rollout, by name; see <see cref="EvidenceCourses"/>. Empty where nothing is trained by it.</summary>
    public IReadOnlyDictionary<string, float[]> Courses { get; init; } = new Dictionary<string, float[]>();

    /// <summary>The tokens of the first samples; empty where they are left out.</summary>
    public IReadOnlyList<long[]> Examples { get; init; } = [];

    public string Arm => $"{Factor} {Value}".Trim();
}
