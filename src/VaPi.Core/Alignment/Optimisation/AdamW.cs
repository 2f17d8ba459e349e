using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace VaPi.Alignment.Optimisation;

/// <summary>
/// AdamW: Adam with decoupled weight decay, with PyTorch's arithmetic. Our own because its state must be
/// captured and restored exactly, which TorchSharp's does not offer by parameter name.
/// </summary>
internal sealed class AdamW : IDisposable
{
    private readonly AlignmentOptions _options;
    private readonly List<Slot> _slots;

    public AdamW(IEnumerable<(string Name, Parameter Parameter, bool Decays)> parameters, AlignmentOptions options)
    {
        _options = options;
        using IDisposable gradients = no_grad();
        _slots =
        [
            .. parameters.Select(entry => new Slot(
                entry.Name,
                entry.Parameter,
                entry.Decays,
                zeros_like(entry.Parameter).DetachFromDisposeScope(),
                zeros_like(entry.Parameter).DetachFromDisposeScope())),
        ];
    }

    /// <summary>The updates made so far.</summary>
    public long Updates { get; set; }

    /// <summary>The moments by parameter name; they stay the optimiser's.</summary>
    public IEnumerable<(string Name, Tensor First, Tensor Second)> Moments => _slots.Select(slot => (slot.Name, slot.First, slot.Second));

    /// <summary>Drops all gradients: a parameter that the next update does not reach then has none, whatever came before.</summary>
    public void DropGradients()
    {
        foreach (Slot slot in _slots)
            slot.Parameter.grad = null;
    }

    /// <summary>The gradients by parameter name; a parameter that nothing reached has none. They belong to the caller.</summary>
    public IEnumerable<(string Name, Tensor Gradient)> Gradients()
    {
        foreach (Slot slot in _slots)
        {
            if (slot.Parameter.grad is { } gradient)
                yield return (slot.Name, gradient);
        }
    }

    /// <summary>The norm of all gradients together, before clipping.</summary>
    /// <returns>(); belongs to the caller.</returns>
    public Tensor GradientNorm()
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        List<Tensor> norms = [.. Gradients().Select(entry => entry.Gradient.norm())];
        return norms.Count == 0
            ? throw new InvalidOperationException("No parameter of the policy received a gradient. Check that its NamedParameters require gradients and that Features and Head use them.")
            : stack(norms).norm().MoveToOuterDisposeScope();
    }

    /// <summary>Clips the gradients to the norm and updates every parameter in place.</summary>
    /// <param name="norm">(), what <see cref="GradientNorm"/> gave.</param>
    /// <param name="learningRate">The rate of this update.</param>
    public void Step(Tensor norm, double learningRate)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Updates++;
        double firstCorrection = 1 - Math.Pow(_options.Beta1, Updates);
        double secondCorrection = Math.Sqrt(1 - Math.Pow(_options.Beta2, Updates));

        // As torch's clip_grad_norm_: never enlarges, and needs no value on the host.
        Tensor clip = (_options.MaximumGradientNorm / (norm + 1e-6)).clamp(max: 1);
        foreach (Slot slot in _slots)
        {
            using DisposeScope inSlot = NewDisposeScope();
            if (slot.Parameter.grad is not { } gradient)
                continue;
            if (double.IsFinite(_options.MaximumGradientNorm))
                gradient.mul_(clip);
            if (slot.Decays)
                slot.Parameter.mul_(1 - learningRate * _options.WeightDecay);
            slot.First.mul_(_options.Beta1).add_(gradient, 1 - _options.Beta1);
            slot.Second.mul_(_options.Beta2).addcmul_(gradient, gradient, 1 - _options.Beta2);
            Tensor denominator = (slot.Second.sqrt() / secondCorrection).add_(_options.Epsilon);
            slot.Parameter.addcdiv_(slot.First, denominator, -learningRate / firstCorrection);
        }
    }

    public void Dispose()
    {
        foreach (Slot slot in _slots)
        {
            slot.First.Dispose();
            slot.Second.Dispose();
        }
    }

    private sealed record Slot(string Name, Parameter Parameter, bool Decays, Tensor First, Tensor Second);
}
