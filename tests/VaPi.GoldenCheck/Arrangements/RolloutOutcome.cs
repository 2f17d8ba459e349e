using static TorchSharp.torch;

namespace VaPi.GoldenCheck.Arrangements;

/// <summary>What a rollout and its updates came to.</summary>
/// <param name="Decoded">(B G, 3, H, W); null where the arrangement does not keep it.</param>
/// <param name="Rewards">(B G).</param>
/// <param name="Reconstruction">(B G): the pixel loss.</param>
/// <param name="Lpips">(B G).</param>
/// <param name="Advantages">(B G), not clamped.</param>
/// <param name="MinibatchLosses">(minibatches, 6): loss, policy loss, KL, cross-entropy, mean ratio, share outside the clip range.</param>
/// <param name="Gradients">Of the first update, before clipping, by name.</param>
/// <param name="GradientNorms">One an update.</param>
/// <param name="Parameters">After the rollout, by name.</param>
internal sealed record RolloutOutcome(
    Tensor? Decoded,
    Tensor Rewards,
    Tensor Reconstruction,
    Tensor Lpips,
    Tensor Advantages,
    Tensor MinibatchLosses,
    IReadOnlyDictionary<string, Tensor> Gradients,
    IReadOnlyList<double> GradientNorms,
    IReadOnlyDictionary<string, Tensor> Parameters);
