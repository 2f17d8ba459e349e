using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace VaPi.Data;

/// <summary>
/// Changes the size of images of bytes: horizontally, then vertically, rounded to bytes after each; a pass whose size
/// does not change is skipped. Only the window of the result that is asked for is computed.
/// </summary>
internal static class Resampling
{
    /// <summary>Half a byte level: sums start here so that the shift rounds to nearest, halves up.</summary>
    private const int Half = 1 << (ResamplingWeights.FractionBits - 1);

    /// <summary>The window of the image resized to <paramref name="width"/> x <paramref name="height"/>.</summary>
    /// <returns>windowWidth x windowHeight pixels. Belongs to the caller.</returns>
    public static PixelBuffer Resize(
        PixelBuffer source, int width, int height, ResamplingKernel kernel, int left, int top, int windowWidth, int windowHeight)
    {
        ResamplingWeights? vertical = height == source.Height
            ? null
            : new ResamplingWeights(source.Height, height, top, windowHeight, kernel);
        int firstRow = vertical?.InputStart ?? top;
        int endRow = vertical?.InputEnd ?? top + windowHeight;

        PixelBuffer rows = width == source.Width
            ? source.Crop(left, firstRow, windowWidth, endRow - firstRow)
            : Horizontal(source, new ResamplingWeights(source.Width, width, left, windowWidth, kernel), firstRow, endRow);
        if (vertical is null)
            return rows;
        using (rows)
            return Vertical(rows, vertical, firstRow);
    }

    /// <summary>The whole image resized.</summary>
    public static PixelBuffer Resize(PixelBuffer source, int width, int height, ResamplingKernel kernel) =>
        Resize(source, width, height, kernel, 0, 0, width, height);

    private static PixelBuffer Horizontal(PixelBuffer source, ResamplingWeights weights, int firstRow, int endRow)
    {
        var result = new PixelBuffer(weights.Count, endRow - firstRow);
        for (int y = firstRow; y < endRow; y++)
        {
            ReadOnlySpan<uint> from = MemoryMarshal.Cast<byte, uint>(source.Row(y));
            Span<uint> to = MemoryMarshal.Cast<byte, uint>(result.Row(y - firstRow));
            for (int x = 0; x < to.Length; x++)
            {
                ReadOnlySpan<int> taps = weights.Of(x);
                ReadOnlySpan<uint> pixels = from.Slice(weights.Start(x), taps.Length);
                Vector128<int> sum = Vector128.Create(Half);
                for (int i = 0; i < taps.Length; i++)
                    sum += Channels(pixels[i]) * taps[i];
                to[x] = Pixel(sum);
            }
        }

        return result;
    }

    /// <param name="source">The rows from <paramref name="firstRow"/> of the input on.</param>
    /// <param name="weights">Of the rows to compute.</param>
    /// <param name="firstRow">The input row that is row 0 of <paramref name="source"/>.</param>
    private static PixelBuffer Vertical(PixelBuffer source, ResamplingWeights weights, int firstRow)
    {
        var result = new PixelBuffer(source.Width, weights.Count);
        int width = source.Width;
        int wide = Vector128<byte>.Count / PixelBuffer.BytesPerPixel;
        ReadOnlySpan<uint> from = MemoryMarshal.Cast<byte, uint>(source.Bytes);
        for (int y = 0; y < weights.Count; y++)
        {
            ReadOnlySpan<int> taps = weights.Of(y);
            int start = (weights.Start(y) - firstRow) * width;
            Span<uint> to = MemoryMarshal.Cast<byte, uint>(result.Row(y));
            int x = 0;
            for (; x <= width - wide; x += wide)
            {
                Vector128<int> sum0 = Vector128.Create(Half), sum1 = sum0, sum2 = sum0, sum3 = sum0;
                for (int i = 0; i < taps.Length; i++)
                {
                    Vector128<byte> pixels = Vector128.Create(from.Slice(start + (i * width) + x, wide)).AsByte();
                    (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(pixels);
                    (Vector128<uint> p0, Vector128<uint> p1) = Vector128.Widen(low);
                    (Vector128<uint> p2, Vector128<uint> p3) = Vector128.Widen(high);
                    sum0 += p0.AsInt32() * taps[i];
                    sum1 += p1.AsInt32() * taps[i];
                    sum2 += p2.AsInt32() * taps[i];
                    sum3 += p3.AsInt32() * taps[i];
                }

                Vector128<short> lower = Vector128.Narrow(Level(sum0), Level(sum1));
                Vector128<short> upper = Vector128.Narrow(Level(sum2), Level(sum3));
                Vector128.Narrow(lower, upper).AsUInt32().CopyTo(to[x..]);
            }

            for (; x < width; x++)
            {
                Vector128<int> sum = Vector128.Create(Half);
                for (int i = 0; i < taps.Length; i++)
                    sum += Channels(from[start + (i * width) + x]) * taps[i];
                to[x] = Pixel(sum);
            }
        }

        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Channels(uint pixel) =>
        Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(pixel).AsByte())).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Pixel(Vector128<int> sum)
    {
        Vector128<int> level = Level(sum);
        Vector128<short> narrow = Vector128.Narrow(level, level);
        return Vector128.Narrow(narrow, narrow).AsUInt32().ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Level(Vector128<int> sum) =>
        Vector128.Min(Vector128.Max(sum >> ResamplingWeights.FractionBits, Vector128<int>.Zero), Vector128.Create(255));
}
