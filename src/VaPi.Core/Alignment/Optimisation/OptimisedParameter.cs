using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace VaPi.Alignment.Optimisation;

/// <summary>
/// A parameter with what the optimiser keeps of it: views, of the parameter's shape, of its group's flat tensors. The
/// parameter stays the policy's and is only written into.
/// </summary>
internal sealed class OptimisedParameter(string name, Parameter parameter, Tensor first, Tensor second) : IDisposable
{
    // On the CPU a piece of every tensor stays in the cache through all operations on it, so that memory is read and written
    // once. Smaller pieces lose to the calls themselves, larger ones to the cache. Elsewhere each call is one kernel.
    private const long PieceOnCpu = 1 << 18;

    public string Name => name;

    public Parameter Parameter => parameter;

    /// <summary>The decaying mean of gradients.</summary>
    public Tensor First => first;

    /// <summary>The decaying mean of squared gradients.</summary>
    public Tensor Second => second;

    /// <summary>Cuts the parameter and what belongs to it into pieces that cover the same elements.</summary>
    /// <param name="gradient">Of the parameter's shape.</param>
    /// <returns>Views, in the caller's dispose scope.</returns>
    public IEnumerable<Piece> Pieces(Tensor gradient)
    {
        // Elements that do not lie in order cannot be cut without a copy.
        Tensor value = parameter.detach();
        if (!value.is_contiguous())
            return [new Piece(value, gradient, first, second)];
        long length = value.device_type == DeviceType.CPU ? PieceOnCpu : Math.Max(1, value.numel());
        Tensor[] Cut(Tensor whole) => whole.reshape(-1).split(length);
        (Tensor[] values, Tensor[] gradients, Tensor[] firsts, Tensor[] seconds) = (Cut(value), Cut(gradient), Cut(first), Cut(second));
        return values.Select((piece, index) => new Piece(piece, gradients[index], firsts[index], seconds[index]));
    }

    public void Dispose()
    {
        first.Dispose();
        second.Dispose();
    }

    /// <summary>The same elements of what an update reads and writes.</summary>
    internal readonly record struct Piece(Tensor Value, Tensor Gradient, Tensor First, Tensor Second);
}
