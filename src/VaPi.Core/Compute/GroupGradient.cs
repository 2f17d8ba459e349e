using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Compute;

/// <summary>
/// The gradient of a group's loss at the logits, written by hand. Whatever the objective, it reaches the logits only
/// through log-probabilities: with w[g,t] = dL/dlogπ(x[g,t]) and c[t] = dL/dlogπ1(x*[t]),
/// dL/dz = (1/τ) (Σ_g w 1{v = x} - (Σ_g w) P) + c 1{v = x*} - c P1, where P = softmax(z/τ) and P1 = softmax(z).
/// So the G samples cost one forward and one backward pass together, and nothing of size B·G·T·V ever exists.
/// </summary>
internal static class GroupGradient
{
    /// <summary>Runs the head and its backward pass chunk by chunk; the head's parameters accumulate their gradients.</summary>
    /// <param name="head">(B, t, D) to logits (B, t, V), differentiable.</param>
    /// <param name="features">(B, T, D), without a graph.</param>
    /// <param name="samples">(B, G, T), int64.</param>
    /// <param name="sampleWeights">w, (B, G, T).</param>
    /// <param name="truth">x*, (B, T), int64; null without a term on it.</param>
    /// <param name="truthWeights">c, (B, T); null without a term on the true tokens.</param>
    /// <param name="temperature">τ.</param>
    /// <param name="support">(B, T, V), bool, or null.</param>
    /// <param name="chunkLength">Positions at a time.</param>
    /// <param name="relaxed">The gradient that the samples have through the decoder, (B, G, T) of them; null for none.</param>
    /// <returns>dL/dfeatures, (B, T, D); belongs to the caller.</returns>
    public static Tensor Backward(
        Func<Tensor, Tensor> head,
        Tensor features,
        Tensor samples,
        Tensor sampleWeights,
        Tensor? truth,
        Tensor? truthWeights,
        double temperature,
        Tensor? support,
        int chunkLength,
        RelaxedTokens? relaxed = null)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor gradient = empty_like(features); // (B, T, D)
        foreach ((long start, long length) in PositionChunks.Of(features.shape[1], chunkLength))
        {
            using DisposeScope chunk = NewDisposeScope();
            Tensor input = features.narrow(1, start, length).detach().requires_grad_(); // (B, t, D)
            using IDisposable gradients = enable_grad();
            Tensor logits = head(input); // (B, t, V)
            Tensor atLogits = AtLogits(
                logits.detach(),
                samples.narrow(2, start, length),
                sampleWeights.narrow(2, start, length),
                truth?.narrow(1, start, length),
                truthWeights?.narrow(1, start, length),
                temperature,
                support?.narrow(1, start, length));
            relaxed?.AddTo(atLogits, logits.detach(), temperature, start);
            logits.backward([atLogits]);
            using Tensor atInput = input.grad ?? throw new InvalidOperationException("The policy's Head gave logits that do not depend on its features.");
            using IDisposable copying = no_grad();
            gradient.narrow(1, start, length).copy_(atInput);
        }

        return gradient.MoveToOuterDisposeScope();
    }

    /// <summary>dL/dz of one chunk of positions.</summary>
    /// <param name="logits">z, (B, t, V), without a graph.</param>
    /// <param name="samples">(B, G, t), int64.</param>
    /// <param name="sampleWeights">w, (B, G, t).</param>
    /// <param name="truth">(B, t), int64, or null.</param>
    /// <param name="truthWeights">c, (B, t), or null.</param>
    /// <param name="temperature">τ.</param>
    /// <param name="support">(B, t, V), bool, or null.</param>
    /// <returns>(B, t, V); belongs to the caller.</returns>
    public static Tensor AtLogits(
        Tensor logits, Tensor samples, Tensor sampleWeights, Tensor? truth, Tensor? truthWeights, double temperature, Tensor? support)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        bool hasTruth = truth is not null && truthWeights is not null;
        bool oneDistribution = temperature == 1 && support is null;
        Tensor weights = (sampleWeights / temperature).transpose(1, 2); // (B, t, G)
        Tensor total = weights.sum([-1], keepdim: true); // (B, t, 1)

        // The softmax is the only tensor of the logits' size; everything is written into it.
        Tensor gradient = GroupLogProbabilities.Scaled(logits, temperature, support).softmax(-1); // (B, t, V)
        if (hasTruth && oneDistribution)
        {
            gradient.mul_((total + truthWeights!.unsqueeze(-1)).neg_());
        }
        else
        {
            gradient.mul_(total.neg());
            if (hasTruth)
                gradient.sub_(logits.softmax(-1).mul_(truthWeights!.unsqueeze(-1)));
        }

        gradient.scatter_add_(-1, samples.transpose(1, 2), weights);
        if (hasTruth)
            gradient.scatter_add_(-1, truth!.unsqueeze(-1), truthWeights!.unsqueeze(-1));
        return gradient.MoveToOuterDisposeScope();
    }
}
