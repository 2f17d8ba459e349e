namespace VaPi.Fuzz.Fields;

/// <summary>A place in a file that its format gives a meaning.</summary>
/// <param name="Offset">Where, in bytes.</param>
/// <param name="Length">Its length, in bytes.</param>
/// <param name="Kind">How a number is written there.</param>
internal readonly record struct Field(int Offset, int Length, FieldKind Kind);
