using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Data;

/// <summary>Tensors in [-1, 1] seen as the 256 levels they came from.</summary>
internal static class Levels
{
    /// <summary>[channel, row, column] of a (3, H, W) tensor.</summary>
    public static byte[,,] Of(Tensor image)
    {
        Assert.Equal(ScalarType.Float32, image.dtype);
        Assert.Equal(DeviceType.CPU, image.device_type);
        Assert.Equal(3, image.dim());
        float[] values = image.data<float>().ToArray();
        int height = (int)image.shape[1], width = (int)image.shape[2];
        byte[,,] levels = new byte[3, height, width];
        float worst = 0;
        for (int i = 0; i < values.Length; i++)
        {
            float level = (values[i] + 1) * 127.5f;
            worst = Math.Max(worst, Math.Abs(level - MathF.Round(level)));
            levels[i / (height * width), i / width % height, i % width] = (byte)MathF.Round(level);
        }

        Assert.InRange(worst, 0, 1e-4f);
        return levels;
    }

    /// <summary>The levels of image <paramref name="index"/> of a (B, 3, H, W) tensor.</summary>
    public static byte[,,] Of(Tensor images, int index)
    {
        using Tensor image = images[index];
        return Of(image);
    }

    public static byte[,,] Of(int height, int width, TestImages.Pixel pixel)
    {
        byte[,,] levels = new byte[3, height, width];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
                (levels[0, y, x], levels[1, y, x], levels[2, y, x]) = pixel(y, x);
        }

        return levels;
    }

    public static byte[,,] Load(string path, VaPi.Data.ImageDecodingOptions? options = null)
    {
        using Tensor image = VaPi.Data.ImageFile.Load(path, options);
        return Of(image);
    }

    /// <summary>The largest difference of two images of the same size.</summary>
    public static int Distance(byte[,,] a, byte[,,] b)
    {
        Assert.Equal((a.GetLength(1), a.GetLength(2)), (b.GetLength(1), b.GetLength(2)));
        return a.Cast<byte>().Zip(b.Cast<byte>(), (p, q) => Math.Abs(p - q)).Max();
    }
}
