namespace VaPi;

/// <summary>The height and width of an image, in pixels.</summary>
/// <param name="Height">Rows of pixels; at least 1.</param>
/// <param name="Width">Columns of pixels; at least 1.</param>
public readonly record struct ImageSize(int Height, int Width)
{
    /// <summary>A square image of <paramref name="side"/> by <paramref name="side"/> pixels.</summary>
    public static ImageSize Square(int side) => new(side, side);

    /// <inheritdoc cref="Square"/>
    public static implicit operator ImageSize(int side) => Square(side);

    /// <summary>Height x width, as in <c>384x384</c>.</summary>
    public override string ToString() => $"{Height}x{Width}";
}
