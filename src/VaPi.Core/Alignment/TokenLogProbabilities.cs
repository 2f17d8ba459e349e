using static TorchSharp.torch;

namespace VaPi.Alignment;

/// <summary>
/// Everything an objective sees of the policy: log-probabilities, of which those of the current policy carry gradients. The
/// trainer takes dL/dlogπ from it and carries that through the network itself, so an objective never touches logits.
/// </summary>
/// <param name="Current">(R, S, T): of the sampled tokens under the policy being trained; requires gradients.</param>
/// <param name="Old">(R, S, T): of the same tokens when they were sampled.</param>
/// <param name="Reference">(R, S, T): under the starting policy; null unless a term asked for it.</param>
/// <param name="Truth">(R, T): of the true tokens, without temperature; requires gradients; null in rollouts without true tokens.</param>
public sealed record TokenLogProbabilities(Tensor Current, Tensor Old, Tensor? Reference, Tensor? Truth);
