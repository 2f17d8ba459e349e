using System.Diagnostics;
using static TorchSharp.torch;

namespace VaPi.Benchmarks.Step;

/// <summary>
/// The machine's matrix rate: the quickest of many float32 products of 2048 x 2048 matrices. They are made between the rollouts
/// that are measured, so that both see the same machine.
/// </summary>
internal sealed class MatrixRate : IDisposable
{
    private const long Side = 2048;
    private const int ProductsAtATime = 3;

    private readonly Tensor _left = randn(Side, Side);
    private readonly Tensor _right = randn(Side, Side);
    private readonly Tensor _product = empty(Side, Side);

    /// <summary>Operations a second, of the quickest product so far.</summary>
    public double OperationsPerSecond { get; private set; }

    public void Measure()
    {
        using IDisposable gradients = no_grad();
        for (int count = 0; count < ProductsAtATime; count++)
        {
            long started = Stopwatch.GetTimestamp();
            _product.addmm_(_left, _right, beta: 0);
            OperationsPerSecond = Math.Max(OperationsPerSecond, 2.0 * Side * Side * Side / Stopwatch.GetElapsedTime(started).TotalSeconds);
        }
    }

    public void Dispose()
    {
        _left.Dispose();
        _right.Dispose();
        _product.Dispose();
    }
}
