using static TorchSharp.torch;

namespace VaPi.Tests.Toys;

/// <summary>The native tensors of the process.</summary>
internal static class LiveTensors
{
    /// <summary>
    /// How many there are once those that earlier tests left to the garbage collector are gone; they would otherwise vanish in the
    /// middle of what is measured. What is compared with it is <see cref="Tensor.TotalCount"/> as it is: there, what only the
    /// collector would free counts as left behind.
    /// </summary>
    public static long Settled()
    {
        long count;
        do
        {
            count = Tensor.TotalCount;
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        while (Tensor.TotalCount != count);
        return count;
    }
}
