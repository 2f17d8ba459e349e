namespace VaPi.Data;

/// <summary>The crops, as pure functions on pixels.</summary>
internal static class Cropping
{
    // The order of an image's random decisions is part of what a seed means: do not renumber.
    private const uint ScaleCounter = 1;
    private const uint TopCounter = 2;
    private const uint LeftCounter = 3;

    /// <summary>
    /// Halves the image with a box filter while it stays at least as large as the target, resizes it bicubically so that
    /// it just covers the target, and cuts the target from the centre. The offsets are floored.
    /// </summary>
    public static PixelBuffer Center(PixelBuffer image, ImageSize size)
    {
        PixelBuffer current = image;
        try
        {
            while (current.Width >= 2 * size.Width && current.Height >= 2 * size.Height)
            {
                PixelBuffer half = Resampling.Resize(current, current.Width / 2, current.Height / 2, ResamplingKernel.Box);
                if (current != image)
                    current.Dispose();
                current = half;
            }

            // Both sides rounded half to even, as the published code does.
            double scale = Math.Max((double)size.Width / current.Width, (double)size.Height / current.Height);
            int width = Covering(current.Width * scale, size.Width);
            int height = Covering(current.Height * scale, size.Height);
            return Resampling.Resize(
                current, width, height, ResamplingKernel.Bicubic, (width - size.Width) / 2, (height - size.Height) / 2, size.Width, size.Height);
        }
        finally
        {
            if (current != image)
                current.Dispose();
        }
    }

    /// <summary>
    /// Takes the largest window of the target's proportions, shrunk by a random share, from a random position, and brings
    /// it to the target's size as <see cref="Center"/> does.
    /// </summary>
    public static PixelBuffer Random(PixelBuffer image, ImageSize size, double minimumScale, double maximumScale, SeededRandom random)
    {
        double share = minimumScale + ((maximumScale - minimumScale) * random.Uniform(ScaleCounter));
        double unit = share * Math.Min((double)image.Width / size.Width, (double)image.Height / size.Height);
        int width = Math.Clamp((int)Math.Round(unit * size.Width), 1, image.Width);
        int height = Math.Clamp((int)Math.Round(unit * size.Height), 1, image.Height);
        int left = random.Below(LeftCounter, image.Width - width + 1);
        int top = random.Below(TopCounter, image.Height - height + 1);
        using PixelBuffer window = image.Crop(left, top, width, height);
        return Center(window, size);
    }

    private static int Covering(double side, int atLeast) => (int)Math.Clamp(Math.Round(side, MidpointRounding.ToEven), atLeast, int.MaxValue);
}
