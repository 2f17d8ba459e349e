using TorchSharp.Modules;
using static TorchSharp.torch;

namespace VaPi;

/// <summary>
/// An autoregressive image generator, seen as a policy over tokens. Its forward pass comes in two parts, so that the
/// logits of a whole sequence never have to exist at once: <see cref="Features"/> runs the network once, and
/// <see cref="Head"/> turns any run of positions into logits.
/// </summary>
public interface IAutoregressivePolicy
{
    /// <summary>V, the number of tokens it chooses from; the tokenizer's codebook size.</summary>
    int VocabularySize { get; }

    /// <summary>T, the number of tokens of one image.</summary>
    int TokenCount { get; }

    /// <summary>The device of its parameters, on which conditions and contexts must lie.</summary>
    Device Device { get; }

    /// <summary>
    /// The network's output at every position, teacher-forced on <paramref name="context"/>: the features at position t
    /// depend on the condition and on the context's tokens before t (for a next-scale policy: of earlier stages) only.
    /// </summary>
    /// <param name="condition">The condition of each of the B images.</param>
    /// <param name="context">(B, T), int64: all T tokens; the policy does its own shifting. Stays the caller's.</param>
    /// <param name="mode">With or without dropout.</param>
    /// <returns>(B, T, D). Carries the autograd graph when gradients are enabled. Belongs to the caller.</returns>
    Tensor Features(Condition condition, Tensor context, PolicyMode mode);

    /// <summary>Logits of any positions' features; works position by position.</summary>
    /// <param name="features">(B, t, D) for any t ≥ 1. Stays the caller's.</param>
    /// <returns>(B, t, V), float32, or float64 where the policy computes in it. Belongs to the caller.</returns>
    Tensor Head(Tensor features);

    /// <summary>
    /// What ended the last backward pass, where a part of it runs in .NET, whose errors libtorch cannot pass on: the trainer
    /// throws it in place of libtorch's own. Null if nothing did.
    /// </summary>
    Exception? BackwardError => null;

    /// <summary>
    /// The parameters that training changes, by name. The trainer reads them when it is built, after the policy has been
    /// placed on its device and precision, and changes their values in place.
    /// </summary>
    IEnumerable<(string Name, Parameter Parameter)> NamedParameters();

    /// <summary>Whether weight decay applies to the parameter of this name.</summary>
    bool IsDecayed(string parameterName);

    /// <summary>
    /// The policy as it is now, frozen: it answers log-probabilities and nothing else. It may be a copy, an offloaded
    /// copy, or the same weights without their adapters.
    /// </summary>
    /// <returns>Belongs to the caller.</returns>
    IReferencePolicy CreateReference();
}
