using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Compute;

/// <summary>
/// The straight-through gradient of sampled tokens. Forwards a token is the row x of the codebook E that Gumbel noise n chose;
/// backwards it is the relaxed row Σ_v P[v] E[v] with P = softmax((z/τ + n) / λ). With u = dL/dvector that is
/// dL/dz = (1 / (τ λ)) P (E u - P · E u), so all it takes of the decoder is u, which is as small as the vectors are.
/// </summary>
/// <param name="AtVectors">u, (B, G, T, C).</param>
/// <param name="Perturbation">n, (B, G, T, V).</param>
/// <param name="Codebook">E, (V, C).</param>
/// <param name="Temperature">λ &gt; 0.</param>
internal sealed record RelaxedTokens(Tensor AtVectors, Tensor Perturbation, Tensor Codebook, double Temperature)
{
    /// <summary>Adds the gradient at one chunk's logits, sample by sample.</summary>
    /// <param name="gradient">(B, t, V); changed in place.</param>
    /// <param name="logits">z, (B, t, V), without a graph.</param>
    /// <param name="temperature">τ.</param>
    /// <param name="start">The chunk's first position.</param>
    public void AddTo(Tensor gradient, Tensor logits, double temperature, long start)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        long length = logits.shape[1];
        Tensor scaled = logits / (temperature * Temperature); // (B, t, V)
        Tensor columns = Codebook.to(logits.dtype).t(); // (C, V)
        for (long sample = 0; sample < AtVectors.shape[1]; sample++)
        {
            using DisposeScope one = NewDisposeScope();
            Tensor noise = Perturbation.select(1, sample).narrow(1, start, length); // (B, t, V)
            Tensor relaxed = scaled.add(noise / Temperature).softmax(-1); // P
            Tensor atRows = AtVectors.select(1, sample).narrow(1, start, length).to(logits.dtype).matmul(columns); // E u, (B, t, V)
            Tensor mean = (relaxed * atRows).sum([-1], keepdim: true); // (B, t, 1)
            gradient.add_(atRows.sub_(mean).mul_(relaxed), alpha: 1 / (temperature * Temperature));
        }
    }
}
