using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace VaPi.Data;

/// <summary>Pixels of bytes to floats in [-1, 1] and back.</summary>
internal static class PixelTensors
{
    private static readonly float[] Floats = [.. Enumerable.Range(0, 256).Select(level => (level / 127.5f) - 1)];

    /// <summary>Writes an image as three planes of x / 127.5 - 1.</summary>
    /// <param name="image">H x W pixels.</param>
    /// <param name="destination">(3, H, W), float32, contiguous, on the CPU.</param>
    /// <param name="mirror">Whether to exchange left and right.</param>
    public static void Write(PixelBuffer image, Tensor destination, bool mirror)
    {
        for (int channel = 0; channel < 3; channel++)
        {
            using Tensor tensor = destination.select(0, channel);
            WritePlane(image, channel, Values(tensor), mirror);
        }
    }

    /// <summary>The image as a tensor.</summary>
    /// <returns>(3, H, W), float32. Belongs to the caller.</returns>
    public static Tensor ToTensor(PixelBuffer image)
    {
        Tensor tensor = empty([3, image.Height, image.Width], ScalarType.Float32, CPU);
        Write(image, tensor, mirror: false);
        return tensor;
    }

    /// <summary>The pixels of an image, clamped and rounded to the nearest level.</summary>
    /// <param name="image">(3, H, W), float32, contiguous, on the CPU.</param>
    /// <exception cref="ArgumentException">A value is NaN.</exception>
    public static PixelBuffer FromTensor(Tensor image)
    {
        var pixels = new PixelBuffer((int)image.shape[2], (int)image.shape[1]);
        try
        {
            for (int channel = 0; channel < 3; channel++)
            {
                using Tensor tensor = image.select(0, channel);
                ReadPlane(Values(tensor), channel, pixels);
            }

            return pixels;
        }
        catch
        {
            pixels.Dispose();
            throw;
        }
    }

    // A plane at a time, because a span cannot be longer than 2 GiB.
    private static Span<float> Values(Tensor plane) => MemoryMarshal.Cast<byte, float>(plane.bytes);

    private static void WritePlane(PixelBuffer image, int channel, Span<float> plane, bool mirror)
    {
        ReadOnlySpan<float> floats = Floats;
        for (int y = 0; y < image.Height; y++)
        {
            ReadOnlySpan<byte> levels = image.Row(y)[channel..];
            Span<float> values = plane.Slice(y * image.Width, image.Width);
            for (int x = 0; x < values.Length; x++)
                values[x] = floats[levels[(mirror ? values.Length - 1 - x : x) * PixelBuffer.BytesPerPixel]];
        }
    }

    private static void ReadPlane(ReadOnlySpan<float> plane, int channel, PixelBuffer image)
    {
        Span<byte> levels = image.Bytes[channel..];
        for (int i = 0; i < plane.Length; i++)
        {
            if (float.IsNaN(plane[i]))
                throw new ArgumentException($"The image holds NaN (channel {channel}, row {i / image.Width}, column {i % image.Width}).", nameof(image));
            levels[i * PixelBuffer.BytesPerPixel] = (byte)Math.Clamp(MathF.Floor(((plane[i] + 1) * 127.5f) + 0.5f), 0, 255);
        }
    }
}
