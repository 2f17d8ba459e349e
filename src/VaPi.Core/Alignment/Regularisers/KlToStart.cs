using VaPi.Compute;
using static TorchSharp.torch;

namespace VaPi.Alignment.Regularisers;

/// <summary>The KL divergence to the frozen starting policy, by the k3 estimator on the sampled tokens.</summary>
public sealed class KlToStart(double weight) : IRegulariser
{
    /// <inheritdoc/>
    public string Name => "kl";

    /// <inheritdoc/>
    public double Weight => weight;

    /// <inheritdoc/>
    public bool NeedsReference => true;

    /// <inheritdoc/>
    public bool NeedsTruth => false;

    /// <inheritdoc/>
    public Tensor Loss(TokenLogProbabilities tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        return KullbackLeibler.K3(tokens.Current, tokens.Reference!);
    }
}
