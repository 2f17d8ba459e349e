using static TorchSharp.torch;

namespace VaPi.Alignment.Rollouts;

/// <summary>What a rollout source is given. All of it stays the trainer's.</summary>
public sealed class RolloutRequest
{
    /// <summary>The index of the rollout; 0 for the first of the run.</summary>
    public required long Index { get; init; }

    /// <summary>The images, on the policy's device.</summary>
    public required Tensor Images { get; init; }

    /// <summary>(B, T), int64: the images' own tokens, checked and on the policy's device; null if they are to be encoded.</summary>
    public Tensor? Tokens { get; init; }

    /// <summary>The images' condition, on the policy's device.</summary>
    public required Condition Condition { get; init; }

    /// <summary>The tokenizer.</summary>
    public required ITokenizer Tokenizer { get; init; }

    /// <summary>The policy.</summary>
    public required IAutoregressivePolicy Policy { get; init; }

    /// <summary>The run's options.</summary>
    public required AlignmentOptions Options { get; init; }

    /// <summary>
    /// ξ of this rollout, 0 … 1: the schedule's value, steered if <see cref="AlignmentOptions.ContextNoise"/> is steered.
    /// </summary>
    public required double ContextNoise { get; init; }

    /// <summary>The run's random numbers.</summary>
    public required RolloutRandom Random { get; init; }

    /// <summary>
    /// Whether the sampling forward will also be the training forward: then it must run with gradients and be returned as
    /// <see cref="Rollout.Features"/>.
    /// </summary>
    public required bool KeepFeatures { get; init; }

    /// <summary>
    /// The mode of the sampling forward: without dropout, unless the run trains with it and the sampling forward must be the
    /// training forward, as in straight-through estimation.
    /// </summary>
    public PolicyMode Mode { get; init; } = PolicyMode.Evaluation;

    /// <summary>
    /// Whether samples must be drawn by Gumbel noise, to be returned as <see cref="Rollout.Perturbation"/>, because a gradient
    /// runs through the draw.
    /// </summary>
    public bool KeepPerturbation { get; init; }

    /// <summary>Cancels what takes long, such as generating token by token.</summary>
    public CancellationToken CancellationToken { get; init; }
}
