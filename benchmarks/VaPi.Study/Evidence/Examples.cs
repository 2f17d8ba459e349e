using TorchSharp;
using VaPi.Reporting;
using static TorchSharp.torch;

namespace VaPi.Study.Evidence;

/// <summary>A few samples as one picture.</summary>
internal static class Examples
{
    private const int Rows = 2;
    private const int Columns = 8;

    // Pixels of white between samples.
    private const int Gap = 2;

    /// <summary>The first samples in rows; those of policies of one world and seed are for the same conditions.</summary>
    /// <param name="samples">(N, 3, H, W) in [-1, 1]. Stays the caller's.</param>
    /// <returns>The bytes of a PNG.</returns>
    public static byte[] Of(Tensor samples)
    {
        using DisposeScope scope = NewDisposeScope();
        (long height, long width) = (samples.shape[2], samples.shape[3]);
        Tensor sheet = ones(3, Rows * (height + Gap) - Gap, Columns * (width + Gap) - Gap);
        for (int index = 0; index < Math.Min(Rows * Columns, samples.shape[0]); index++)
            sheet.narrow(1, index / Columns * (height + Gap), height).narrow(2, index % Columns * (width + Gap), width).copy_(samples[index]);
        return PngImage.Of(sheet).Content.ToArray();
    }
}
