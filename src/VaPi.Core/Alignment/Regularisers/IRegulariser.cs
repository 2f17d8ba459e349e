using static TorchSharp.torch;

namespace VaPi.Alignment.Regularisers;

/// <summary>A term beside the policy loss that keeps the policy where it should stay.</summary>
public interface IRegulariser
{
    /// <summary>The name under which the step record reports it.</summary>
    string Name { get; }

    /// <summary>By which the loss is multiplied; 0 to only report it.</summary>
    double Weight { get; }

    /// <summary>Whether it needs the starting policy's log-probabilities.</summary>
    bool NeedsReference { get; }

    /// <summary>Whether it needs the true tokens' log-probabilities.</summary>
    bool NeedsTruth { get; }

    /// <summary>The term, not yet weighted.</summary>
    /// <param name="tokens">The policy's log-probabilities.</param>
    /// <returns>(R, S, T), or (R, 1, T) for what a group shares; differentiable.</returns>
    Tensor Loss(TokenLogProbabilities tokens);
}
