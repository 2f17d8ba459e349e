using static TorchSharp.torch;

namespace VaPi.Data;

/// <summary>Checks tokens that are used in place of encoding.</summary>
internal static class KnownTokens
{
    /// <summary>What is wrong with tokens on the CPU, as the end of a sentence; null if nothing is.</summary>
    public static string? Problem(Tensor tokens, int count, ITokenizer tokenizer)
    {
        long[] expected = [count, tokenizer.Layout.TokenCount];
        if (tokens.dtype != ScalarType.Int64 || !tokens.shape.SequenceEqual(expected))
            return $"{tokens.dtype} ({string.Join(", ", tokens.shape)}) where Int64 ({string.Join(", ", expected)}) was due";
        if (count == 0)
            return null;
        using Tensor smallest = tokens.min();
        using Tensor largest = tokens.max();
        return smallest.item<long>() >= 0 && largest.item<long>() < tokenizer.CodebookSize
            ? null
            : $"tokens from {smallest.item<long>()} to {largest.item<long>()} where 0 to {tokenizer.CodebookSize - 1} are possible";
    }

    /// <summary>Refuses a batch whose tokens are not those of the tokenizer; one without tokens is fine.</summary>
    /// <param name="batch">On the CPU, as it was read.</param>
    /// <param name="tokenizer">The tokenizer in use.</param>
    /// <exception cref="InvalidOperationException">They are of another tokenizer, or of a wrong shape or range.</exception>
    public static void Check(ImageBatch batch, ITokenizer tokenizer)
    {
        if (batch.Tokens is not { } tokens)
            return;
        if (batch.TokenizerFingerprint != tokenizer.Fingerprint)
        {
            throw new InvalidOperationException(
                $"The images come with tokens of the tokenizer {batch.TokenizerFingerprint}, but the tokenizer in use is {tokenizer.Fingerprint ?? "without a fingerprint"}. Use the one that made them, extract them again, or leave them out.");
        }

        if (Problem(tokens, batch.Count, tokenizer) is { } problem)
            throw new InvalidOperationException($"The images come with {problem}. Extract the tokens again, or correct the image source.");
    }
}
