namespace VaPi.Data;

/// <summary>An image that a source could not read.</summary>
/// <param name="Index">Its <see cref="ImageDraw.Index"/>.</param>
/// <param name="Path">Where it is: a file's absolute path, or whatever leads a person to it.</param>
/// <param name="Reason">Why, in a sentence.</param>
public sealed record UnreadableImage(int Index, string Path, string Reason);
