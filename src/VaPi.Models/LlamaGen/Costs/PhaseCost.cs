namespace VaPi.Models.LlamaGen.Costs;

/// <summary>What one phase of a rollout computes or moves.</summary>
/// <param name="Name">The phase.</param>
/// <param name="Arithmetic">How the number comes about, with the numbers in it.</param>
/// <param name="Operations">
/// The floating-point operations of its matrix products and convolutions, a multiplication and an addition counted as two;
/// exact up to 2^53.
/// </param>
/// <param name="BytesMoved">The bytes that it reads and writes where that, and not arithmetic, is what takes its time; else 0.</param>
public sealed record PhaseCost(string Name, string Arithmetic, double Operations, double BytesMoved)
{
    /// <summary>The time on a machine that keeps up its rates throughout, which none quite does: at best.</summary>
    /// <param name="rate">The machine's.</param>
    public double Seconds(MachineRate rate)
    {
        ArgumentNullException.ThrowIfNull(rate);
        return Operations / rate.OperationsPerSecond + BytesMoved / rate.BytesPerSecond;
    }
}
