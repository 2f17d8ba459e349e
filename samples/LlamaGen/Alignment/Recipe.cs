using VaPi.Alignment;

namespace LlamaGen.Alignment;

/// <summary>Every hyper-parameter of an alignment. The defaults are what the published recipes have in common.</summary>
internal sealed record Recipe
{
    public required string Name { get; init; }

    /// <summary>What it was published for.</summary>
    public required string PublishedFor { get; init; }

    /// <summary>Whether the policy is conditioned on captions rather than classes.</summary>
    public bool Captions { get; init; }

    /// <summary>Pixels of a side.</summary>
    public required int ImageSize { get; init; }

    public required int Rollouts { get; init; }

    /// <summary>B; published a GPU, of which there were eight.</summary>
    public int ImagesPerRollout { get; init; } = 16;

    /// <summary>G.</summary>
    public int GroupSize { get; init; } = 8;

    /// <summary>Published: 8 samples a minibatch, which are one image's group.</summary>
    public int ImagesPerMinibatch { get; init; } = 1;

    /// <summary>Null for one update a rollout. Published: 16, which are all of a rollout.</summary>
    public int? MinibatchesPerUpdate { get; init; }

    public int PassesPerRollout { get; init; } = 1;

    public AlignmentMode Mode { get; init; } = AlignmentMode.Training;

    public double LearningRate { get; init; } = 1e-6;

    /// <summary>ξ.</summary>
    public double ContextNoise { get; init; } = 0.5;

    /// <summary>β.</summary>
    public double PriorWeight { get; init; } = 0.1;

    /// <summary>κ.</summary>
    public double KlWeight { get; init; }

    /// <summary>ε, on both sides.</summary>
    public double Clip { get; init; } = 0.2;

    public double AdvantageClip { get; init; } = 5;

    /// <summary>τ.</summary>
    public double Temperature { get; init; } = 1;

    public int TopK { get; init; }

    public double TopP { get; init; } = 1;

    public double WeightDecay { get; init; } = 1e-4;

    public double Beta1 { get; init; } = 0.9;

    public double Beta2 { get; init; } = 0.999;

    public double Epsilon { get; init; } = 1e-8;

    public double MaximumGradientNorm { get; init; } = 1;

    /// <summary>w_rec.</summary>
    public double ReconstructionWeight { get; init; } = 1;

    /// <summary>w_perc.</summary>
    public double PerceptualWeight { get; init; } = 1;

    /// <summary>Decides nothing but memory and time.</summary>
    public int SamplesPerDecode { get; init; } = 8;

    public long Seed { get; init; }

    /// <summary>The trainer's options. Where fewer images are taken than a minibatch has, a minibatch has those.</summary>
    public AlignmentOptions ToOptions() => new()
    {
        Rollouts = Rollouts,
        ImagesPerRollout = ImagesPerRollout,
        GroupSize = GroupSize,
        ImagesPerMinibatch = Math.Min(ImagesPerMinibatch, ImagesPerRollout),
        MinibatchesPerUpdate = MinibatchesPerUpdate,
        PassesPerRollout = PassesPerRollout,
        Mode = Mode,
        LearningRate = LearningRate,
        ContextNoise = ContextNoise,
        PriorWeight = PriorWeight,
        KlWeight = KlWeight,
        ClipLow = Clip,
        ClipHigh = Clip,
        AdvantageClip = AdvantageClip,
        Temperature = Temperature,
        TopK = TopK,
        TopP = TopP,
        WeightDecay = WeightDecay,
        Beta1 = Beta1,
        Beta2 = Beta2,
        Epsilon = Epsilon,
        MaximumGradientNorm = MaximumGradientNorm,
        SamplesPerDecode = SamplesPerDecode,
        Seed = Seed,
    };
}
