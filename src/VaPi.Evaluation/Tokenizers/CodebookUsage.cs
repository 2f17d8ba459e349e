using static TorchSharp.torch;

namespace VaPi.Evaluation;

/// <summary>How much of a codebook tokens use, gathered batch by batch.</summary>
public sealed class CodebookUsage
{
    private readonly long[] _uses;

    /// <summary>Nothing gathered yet.</summary>
    /// <param name="codebookSize">V, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="codebookSize"/> is below 1.</exception>
    public CodebookUsage(int codebookSize)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(codebookSize, 1);
        _uses = new long[codebookSize];
    }

    /// <summary>How often each row of the codebook is a token.</summary>
    public IReadOnlyList<long> Uses => _uses;

    /// <summary>The tokens so far.</summary>
    public long TokenCount => _uses.Sum();

    /// <summary>The rows that at least one token is.</summary>
    public int RowsUsed => _uses.Count(uses => uses > 0);

    /// <summary>The share of the rows that is used, 0 … 1.</summary>
    public double Share => (double)RowsUsed / _uses.Length;

    /// <summary>
    /// exp(-Σ p ln p) of the rows' frequencies p, 1 … V: as many rows, used equally often, would be as hard to guess. NaN
    /// without tokens.
    /// </summary>
    public double Perplexity
    {
        get
        {
            double total = TokenCount;
            return total == 0 ? double.NaN : Math.Exp(-_uses.Where(uses => uses > 0).Sum(uses => uses / total * Math.Log(uses / total)));
        }
    }

    /// <summary>Adds tokens.</summary>
    /// <param name="tokens">Of any shape, int64, each in 0 … V-1, on any device. Stays the caller's.</param>
    /// <exception cref="ArgumentException">They are of another type, or one is no row of the codebook.</exception>
    public void Add(Tensor tokens)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        if (tokens.dtype != ScalarType.Int64)
            throw new ArgumentException($"Tokens must be Int64; they are {tokens.dtype}.", nameof(tokens));
        using Tensor moved = tokens.cpu();
        using Tensor flat = moved.flatten();
        using Tensor rows = flat.contiguous();
        foreach (long token in rows.data<long>())
        {
            if ((ulong)token >= (ulong)_uses.Length)
                throw new ArgumentException($"The token {token} is no row of a codebook of {_uses.Length}; tokens are from 0 to {_uses.Length - 1}.", nameof(tokens));
            _uses[token]++;
        }
    }
}
