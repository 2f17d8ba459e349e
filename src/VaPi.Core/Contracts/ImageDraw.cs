namespace VaPi;

/// <summary>One draw from an <see cref="IImageSource"/>.</summary>
/// <param name="Index">0 … count-1.</param>
/// <param name="Seed">Decides everything random about it: crop, flip, caption.</param>
public readonly record struct ImageDraw(int Index, ulong Seed);
