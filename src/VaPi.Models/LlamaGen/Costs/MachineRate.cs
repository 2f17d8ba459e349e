using System.Diagnostics;
using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Models.LlamaGen.Costs;

/// <summary>How fast a machine computes.</summary>
/// <param name="OperationsPerSecond">Of matrix products, a multiplication and an addition counted as two; above 0.</param>
/// <param name="BytesPerSecond">Read from and written to memory together; above 0.</param>
public sealed record MachineRate(double OperationsPerSecond, double BytesPerSecond)
{
    private const int Side = 1024;
    private const int SideOnGpu = 4096;
    private const int Copied = 16 << 20; // numbers, more than caches hold
    private const int FewestRuns = 3;

    private static readonly TimeSpan TimeForEach = TimeSpan.FromSeconds(0.15);

    /// <summary>
    /// Measures one matrix product and one copy, each repeated for a few tenths of a second, with the threads that libtorch
    /// has; the quickest run counts. Smaller products and convolutions reach less.
    /// </summary>
    /// <param name="device">The device; the CPU if null.</param>
    /// <param name="type">Of the numbers multiplied; Float32 if null.</param>
    public static MachineRate Measure(Device? device = null, ScalarType? type = null)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Device place = device ?? CPU;
        bool waits = place.type == DeviceType.CUDA;
        long side = waits ? SideOnGpu : Side;
        Tensor factor = ones([side, side], type ?? ScalarType.Float32, place);
        Tensor product = zeros([side, side], type ?? ScalarType.Float32, place);
        Tensor source = ones([Copied], device: place);
        Tensor target = empty([Copied], device: place);
        double productSeconds = Quickest(() => product.addmm_(factor, factor, beta: 0), waits);
        double copySeconds = Quickest(() => target.copy_(source), waits);
        return new MachineRate(2.0 * side * side * side / productSeconds, 2.0 * sizeof(float) * Copied / copySeconds);
    }

    private static double Quickest(Func<Tensor> run, bool waits)
    {
        long began = Stopwatch.GetTimestamp();
        double quickest = double.PositiveInfinity;
        for (int runs = 0; runs < FewestRuns || Stopwatch.GetElapsedTime(began) < TimeForEach; runs++)
        {
            long started = Stopwatch.GetTimestamp();
            run();
            if (waits)
                cuda.synchronize();
            quickest = Math.Min(quickest, Stopwatch.GetElapsedTime(started).TotalSeconds);
        }

        return quickest;
    }
}
