namespace VaPi;

/// <summary>
/// How a tokenizer's tokens, in the order in which a policy predicts them, lie over the image: a grid in raster order,
/// a plain sequence, or several grids from coarse to fine.
/// </summary>
public sealed class TokenLayout : IEquatable<TokenLayout>
{
    private TokenLayout(IReadOnlyList<TokenStage> stages)
    {
        Stages = stages;
        TokenCount = stages.Sum(stage => stage.Count);
    }

    /// <summary>The stages in order; together they cover every token once.</summary>
    public IReadOnlyList<TokenStage> Stages { get; }

    /// <summary>T, the number of tokens of one image.</summary>
    public int TokenCount { get; }

    /// <summary>One grid of <paramref name="height"/> by <paramref name="width"/> tokens in raster order.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1.</exception>
    public static TokenLayout Grid(int height, int width) => MultiScale([(height, width)]);

    /// <summary>A one-dimensional sequence of <paramref name="count"/> tokens without a grid.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1.</exception>
    public static TokenLayout Sequence(int count) => MultiScale([(1, count)]);

    /// <summary>Grids one after the other, coarsest first, as next-scale policies predict them.</summary>
    /// <exception cref="ArgumentException">There is no grid.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1.</exception>
    public static TokenLayout MultiScale(IEnumerable<(int Height, int Width)> grids)
    {
        ArgumentNullException.ThrowIfNull(grids);
        var stages = new List<TokenStage>();
        int start = 0;
        foreach ((int height, int width) in grids)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
            ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
            stages.Add(new TokenStage(start, height, width));
            start = checked(start + height * width);
        }

        return stages.Count > 0 ? new TokenLayout(stages) : throw new ArgumentException("A token layout needs at least one grid.", nameof(grids));
    }

    /// <summary>Whether both layouts have the same stages.</summary>
    public bool Equals(TokenLayout? other) => other is not null && Stages.SequenceEqual(other.Stages);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as TokenLayout);

    /// <inheritdoc/>
    public override int GetHashCode() => Stages.Aggregate(17, HashCode.Combine);

    /// <summary>The grids, as in <c>16x16</c> or <c>1x1+2x2+4x4</c>.</summary>
    public override string ToString() => string.Join('+', Stages.Select(stage => $"{stage.Height}x{stage.Width}"));
}
