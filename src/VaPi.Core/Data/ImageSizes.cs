namespace VaPi.Data;

/// <summary>Which sizes images are read in.</summary>
internal static class ImageSizes
{
    private const int LargestSide = 16384;

    public static void ThrowIfInvalid(ImageSize size, string parameterName)
    {
        if (size.Height is < 1 or > LargestSide || size.Width is < 1 or > LargestSide)
            throw new ArgumentOutOfRangeException(parameterName, size, $"Each side of the image size must be from 1 to {LargestSide} pixels.");
    }
}
