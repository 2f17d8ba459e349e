using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace VaPi.Alignment.Optimisation;

/// <summary>
/// A parameter with what the optimiser keeps of it: views, of the parameter's shape, of its group's flat tensors. The
/// parameter stays the policy's and is only written into.
/// </summary>
internal sealed class OptimisedParameter(string name, Parameter parameter, Tensor first, Tensor second, Tensor? master) : IDisposable
{
    // On the CPU a piece of every tensor stays in the cache through all operations on it, so that memory is read and written
    // once. Smaller pieces lose to the calls themselves, larger ones to the cache. Elsewhere each call is one kernel.
    private const long PieceOnCpu = 1 << 18;

    private Tensor? _sum;
    private bool _isSummed;

    public string Name => name;

    public Parameter Parameter => parameter;

    /// <summary>The decaying mean of gradients.</summary>
    public Tensor First => first;

    /// <summary>The decaying mean of squared gradients.</summary>
    public Tensor Second => second;

    /// <summary>The value in float32 of a parameter that is less precise, which has it rounded; null for all others.</summary>
    public Tensor? Master => master;

    /// <summary>The value as precisely as there is one: the master, or else the parameter itself.</summary>
    public Tensor Precise => master ?? parameter;

    /// <summary>Puts another value in place, into the parameter and what is kept of it more precisely.</summary>
    /// <param name="value">Of the parameter's shape, on any device; stays the caller's.</param>
    public void Set(Tensor value)
    {
        Precise.copy_(value);
        if (master is not null)
            parameter.copy_(master);
    }

    /// <summary>The gradient: the sum so far, or what autograd has left at the parameter; null if nothing reached it.</summary>
    /// <returns>Belongs to the caller.</returns>
    public Tensor? Gradient() => _isSummed ? _sum!.alias() : parameter.grad;

    /// <summary>
    /// Moves the gradient to a sum in float32, if the parameter is less precise: autograd, which adds in the parameter's type,
    /// would lose what is small beside the sum.
    /// </summary>
    public void SumGradient()
    {
        using DisposeScope scope = NewDisposeScope();
        if (master is null || parameter.grad is not { } gradient)
            return;
        _sum ??= empty_like(master).DetachFromDisposeScope();
        _ = _isSummed ? _sum.add_(gradient) : _sum.copy_(gradient);
        _isSummed = true;
        parameter.grad = null;
    }

    public void DropGradient()
    {
        _isSummed = false;
        parameter.grad = null;
    }

    /// <summary>Cuts the parameter and what belongs to it into pieces that cover the same elements.</summary>
    /// <param name="gradient">Of the parameter's shape.</param>
    /// <returns>Views, in the caller's dispose scope.</returns>
    public IEnumerable<Piece> Pieces(Tensor gradient)
    {
        // Elements that do not lie in order cannot be cut without a copy.
        Tensor value = parameter.detach();
        if (!value.is_contiguous())
            return [new Piece(value, master, gradient, first, second)];
        long length = value.device_type == DeviceType.CPU ? PieceOnCpu : Math.Max(1, value.numel());
        Tensor[] Cut(Tensor whole) => whole.reshape(-1).split(length);
        (Tensor[] values, Tensor[] gradients, Tensor[] firsts, Tensor[] seconds) = (Cut(value), Cut(gradient), Cut(first), Cut(second));
        Tensor[]? masters = master is null ? null : Cut(master);
        return values.Select((piece, index) => new Piece(piece, masters?[index], gradients[index], firsts[index], seconds[index]));
    }

    public void Dispose()
    {
        first.Dispose();
        second.Dispose();
        master?.Dispose();
        _sum?.Dispose();
    }

    /// <summary>The same elements of what an update reads and writes.</summary>
    internal readonly record struct Piece(Tensor Value, Tensor? Master, Tensor Gradient, Tensor First, Tensor Second);
}
