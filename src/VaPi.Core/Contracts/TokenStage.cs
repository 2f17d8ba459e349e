namespace VaPi;

/// <summary>A run of consecutive tokens that together form one grid over the image.</summary>
/// <param name="Start">The index of the stage's first token in the sequence.</param>
/// <param name="Height">Rows of the grid.</param>
/// <param name="Width">Columns of the grid; a one-dimensional stage is one row.</param>
public readonly record struct TokenStage(int Start, int Height, int Width)
{
    /// <summary>The number of tokens in the stage.</summary>
    public int Count => Height * Width;
}
