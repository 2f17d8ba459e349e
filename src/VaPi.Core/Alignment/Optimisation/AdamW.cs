using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace VaPi.Alignment.Optimisation;

/// <summary>
/// AdamW: Adam with decoupled weight decay, with PyTorch's arithmetic. Our own because its state must be
/// captured and restored exactly, which TorchSharp's does not offer by parameter name. Parameters of 16 bits are updated
/// in float32 and rounded, so that what is smaller than their precision adds up.
/// </summary>
internal sealed class AdamW : IDisposable
{
    private readonly IReadOnlyList<ParameterGroup> _groups;
    private readonly IReadOnlyList<OptimisedParameter> _inOrder;
    private readonly AlignmentOptions _options;

    public AdamW(IEnumerable<(string Name, Parameter Parameter, bool Decays)> parameters, AlignmentOptions options)
    {
        _options = options;
        using IDisposable gradients = no_grad();
        List<(string Name, Parameter Parameter, bool Decays)> given = [.. parameters];
        _groups =
        [
            .. given
                .GroupBy(entry => (entry.Decays, entry.Parameter.dtype, Device: entry.Parameter.device.ToString()))
                .Select(alike => new ParameterGroup([.. alike.Select(entry => (entry.Name, entry.Parameter))], alike.Key.Decays)),
        ];
        Dictionary<string, OptimisedParameter> byName = _groups.SelectMany(group => group.Members).ToDictionary(member => member.Name);
        _inOrder = [.. given.Select(entry => byName[entry.Name])];
    }

    /// <summary>The updates made so far.</summary>
    public long Updates { get; set; }

    /// <summary>The parameters in the order given, with what is kept of each.</summary>
    public IReadOnlyList<OptimisedParameter> Parameters => _inOrder;

    /// <summary>The moments by parameter name; they stay the optimiser's.</summary>
    public IEnumerable<(string Name, Tensor First, Tensor Second)> Moments => _inOrder.Select(member => (member.Name, member.First, member.Second));

    /// <summary>The values in float32 of parameters of 16 bits, by name; they stay the optimiser's.</summary>
    public IEnumerable<(string Name, Tensor Master)> Masters =>
        _inOrder.Where(member => member.Master is not null).Select(member => (member.Name, member.Master!));

    /// <summary>Drops all gradients: a parameter that the next update does not reach then has none, whatever came before.</summary>
    public void DropGradients()
    {
        foreach (OptimisedParameter member in _inOrder)
            member.DropGradient();
    }

    /// <summary>
    /// Between the minibatches of an update: adds the gradients of parameters of 16 bits up in float32. Autograd adds those of
    /// all others.
    /// </summary>
    public void SumGradients()
    {
        using IDisposable gradients = no_grad();
        foreach (OptimisedParameter member in _inOrder)
            member.SumGradient();
    }

    /// <summary>The gradients by parameter name; a parameter that nothing reached has none. They belong to the caller.</summary>
    public IEnumerable<(string Name, Tensor Gradient)> Gradients()
    {
        foreach (OptimisedParameter member in _inOrder)
        {
            if (member.Gradient() is { } gradient)
                yield return (member.Name, gradient);
        }
    }

    /// <summary>The norm of all gradients together, before clipping.</summary>
    /// <returns>(); belongs to the caller.</returns>
    public Tensor GradientNorm()
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        List<Tensor> norms = [.. Gradients().Select(entry => Norm(entry.Gradient))];
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

        // As torch's clip_grad_norm_, which never enlarges.
        double clip = Math.Min(1, _options.MaximumGradientNorm / (norm.to(ScalarType.Float64).item<double>() + 1e-6));
        foreach (ParameterGroup group in _groups)
        {
            double kept = group.Decays ? 1 - learningRate * _options.WeightDecay : 1;
            foreach (OptimisedParameter member in group.Members)
            {
                using DisposeScope ofMember = NewDisposeScope();
                if (member.Gradient() is not { } gradient)
                    continue;
                foreach (OptimisedParameter.Piece piece in member.Pieces(gradient))
                    Update(piece, clip, kept, learningRate);
            }
        }
    }

    public void Dispose()
    {
        foreach (ParameterGroup group in _groups)
            group.Dispose();
    }

    // Clipping and the corrections of the moments are folded into factors, so that nothing is gone through for them alone.
    private void Update(OptimisedParameter.Piece piece, double clip, double kept, double learningRate)
    {
        double firstCorrection = 1 - Math.Pow(_options.Beta1, Updates);
        double secondCorrection = Math.Sqrt(1 - Math.Pow(_options.Beta2, Updates));
        using Tensor gradient = Wide(piece.Gradient);
        (Tensor value, Tensor first, Tensor second) = (piece.Master ?? piece.Value, piece.First, piece.Second);
        if (kept != 1)
            value.mul_(kept);
        first.mul_(_options.Beta1).add_(gradient, (1 - _options.Beta1) * clip);
        second.mul_(_options.Beta2).addcmul_(gradient, gradient, (1 - _options.Beta2) * clip * clip);
        using Tensor denominator = second.sqrt().add_(_options.Epsilon * secondCorrection);
        value.addcdiv_(first, denominator, -learningRate * secondCorrection / firstCorrection);
        if (piece.Master is not null)
            piece.Value.copy_(value);
    }

    // A norm has the type of what it is of, so that of 16 bits would be known to two or three digits only.
    private static Tensor Norm(Tensor gradient)
    {
        using Tensor wide = Wide(gradient);
        return wide.norm();
    }

    /// <returns>Float32, or float64 as given; belongs to the caller.</returns>
    private static Tensor Wide(Tensor gradient) =>
        gradient.dtype is ScalarType.BFloat16 or ScalarType.Float16 ? gradient.to(ScalarType.Float32) : gradient.alias();
}
