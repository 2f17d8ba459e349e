namespace VaPi.Alignment;

/// <summary>
/// What an alignment run is made of. The defaults are the published recipe for class-conditional LlamaGen, except for sizes
/// that depend on the machine.
/// </summary>
public sealed class AlignmentOptions
{
    /// <summary>The rollouts that a run makes; at least 1.</summary>
    public int Rollouts { get; set; } = 100;

    /// <summary>B, the images of a rollout; at least 1.</summary>
    public int ImagesPerRollout { get; set; } = 16;

    /// <summary>
    /// G, the samples drawn for each image; at least 2, since advantages compare them with each other, or 1 where no advantages are
    /// used (<see cref="Surrogates.NoPolicyLoss"/>, <see cref="AlignmentTrainerBuilder.WithStraightThrough"/>).
    /// </summary>
    public int GroupSize { get; set; } = 8;

    /// <summary>
    /// The images in one forward and backward pass; 1 to <see cref="ImagesPerRollout"/>. Null for all of the rollout, which is
    /// fastest; fewer need less memory.
    /// </summary>
    public int? ImagesPerMinibatch { get; set; }

    /// <summary>
    /// The samples of a minibatch, for schedules that cut through groups as the published code's do; 1 to B·G. Null to use
    /// <see cref="ImagesPerMinibatch"/>; not both.
    /// </summary>
    public int? SamplesPerMinibatch { get; set; }

    /// <summary>
    /// The minibatches whose gradients are averaged into one update; at least 1. Minibatches left over at a rollout's end that
    /// do not fill an update are discarded, as published. Null to average all minibatches of the rollout into one update.
    /// </summary>
    public int? MinibatchesPerUpdate { get; set; }

    /// <summary>How often a rollout's samples are gone through; at least 1.</summary>
    public int PassesPerRollout { get; set; } = 1;

    /// <summary>Where dropout is drawn.</summary>
    public AlignmentMode Mode { get; set; } = AlignmentMode.Training;

    /// <summary>ξ, the probability that a token of the prefix is replaced by a random one; 0 … 1, also where steering drives it.</summary>
    public Schedule ContextNoise { get; set; } = 0.5;

    /// <summary>β, the weight of the prior term (cross-entropy of the true tokens); 0 or above.</summary>
    public double PriorWeight { get; set; } = 0.1;

    /// <summary>κ, the weight of the KL divergence to the starting policy; 0 or above. Above 0 the starting policy is kept in memory.</summary>
    public double KlWeight { get; set; }

    /// <summary>Measure the KL divergence to the starting policy even where its weight is 0; not needed where it steers a schedule.</summary>
    public bool MonitorKl { get; set; }

    /// <summary>The lower clip range: ratios below 1 - this are clipped where the advantage is negative; 0 … 1.</summary>
    public double ClipLow { get; set; } = 0.2;

    /// <summary>The upper clip range: ratios above 1 + this are clipped where the advantage is positive; 0 or above.</summary>
    public double ClipHigh { get; set; } = 0.2;

    /// <summary>Advantages are clamped to plus and minus this in the loss; above 0.</summary>
    public double AdvantageClip { get; set; } = 5;

    /// <summary>τ, by which logits are divided for sampling and in the ratio; above 0.</summary>
    public double Temperature { get; set; } = 1;

    /// <summary>Sample only among the k likeliest tokens; 0 for all.</summary>
    public int TopK { get; set; }

    /// <summary>Sample only among the likeliest tokens that together hold p of the probability; above 0, 1 for all.</summary>
    public double TopP { get; set; } = 1;

    /// <summary>What the ratio is taken of when <see cref="TopK"/> or <see cref="TopP"/> restrict sampling.</summary>
    public FilteredRatio FilteredRatio { get; set; } = FilteredRatio.SharedSupport;

    /// <summary>AdamW's learning rate; 0 or above.</summary>
    public Schedule LearningRate { get; set; } = 1e-6;

    /// <summary>AdamW's weight decay, on the parameters that the policy says decay; 0 or above.</summary>
    public double WeightDecay { get; set; } = 1e-4;

    /// <summary>AdamW's decay of the first moment; 0 … below 1.</summary>
    public double Beta1 { get; set; } = 0.9;

    /// <summary>AdamW's decay of the second moment; 0 … below 1.</summary>
    public double Beta2 { get; set; } = 0.999;

    /// <summary>AdamW's epsilon; above 0.</summary>
    public double Epsilon { get; set; } = 1e-8;

    /// <summary>The gradient's norm is clipped to this; above 0, infinity for never.</summary>
    public double MaximumGradientNorm { get; set; } = 1;

    /// <summary>Positions whose logits exist at a time; at least 1. Null to keep them near 16 MB.</summary>
    public int? PositionsPerChunk { get; set; }

    /// <summary>
    /// Samples decoded and scored at a time, and images encoded at a time; at least 1. What the tokenizer's layers put out for
    /// them is often the most memory that a rollout takes beside the weights; fewer need less, and change no result.
    /// </summary>
    public int SamplesPerDecode { get; set; } = 16;

    /// <summary>
    /// The batches of images that are read ahead on a thread of the trainer's own while a step computes; 0 or above, 0 to read
    /// each when it is needed. Each takes memory for <see cref="ImagesPerRollout"/> images. It decides nothing but time, and is
    /// not used on a source whose images are in memory (<see cref="IImageSource.IsInMemory"/>).
    /// </summary>
    public int BatchesAhead { get; set; } = 2;

    /// <summary>
    /// The share of the source's images that may be unreadable; 0 … 1. Such images are logged, counted
    /// (<see cref="Metrics.AlignmentStep.UnreadableImages"/>) and passed over for the rest of the run, and the next of the order
    /// take their places. When more than this share has failed, the step does; at 0 it fails at the first.
    /// </summary>
    public double MaximumUnreadableShare { get; set; } = 0.05;

    /// <summary>
    /// The rollouts in a row that may go by with updates that were not made, because rewards, a loss or the gradient were NaN or
    /// infinite; 0 or above. Such updates are logged and counted (<see cref="Metrics.AlignmentStep.SkippedUpdates"/>), and the
    /// policy stays as it was. One rollout more, and the step fails; at 0 it fails at the first.
    /// </summary>
    public int MaximumSkippedRollouts { get; set; } = 3;

    /// <summary>Decides everything random, unless a seed below says otherwise.</summary>
    public long Seed { get; set; }

    /// <summary>Decides the order of the images and their crops; null to follow <see cref="Seed"/>.</summary>
    public long? DataSeed { get; set; }

    /// <summary>Decides the contextual noise; null to follow <see cref="Seed"/>.</summary>
    public long? NoiseSeed { get; set; }

    /// <summary>Decides the sampled tokens; null to follow <see cref="Seed"/>.</summary>
    public long? SamplingSeed { get; set; }

    /// <summary>Decides dropout; null to follow <see cref="Seed"/>.</summary>
    public long? DropoutSeed { get; set; }

    internal AlignmentOptions Clone() => (AlignmentOptions)MemberwiseClone();
}
