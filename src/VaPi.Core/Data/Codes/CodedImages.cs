using static TorchSharp.torch;

namespace VaPi.Data;

/// <summary>A source whose batches carry tokens that were extracted before.</summary>
internal sealed class CodedImages(IImageSource images, TokenCodes codes) : IImageSource
{
    /// <summary>Of the tokenizer that made the tokens.</summary>
    public string TokenizerFingerprint => codes.TokenizerFingerprint;

    public int Count => images.Count;

    public ImageSize ImageSize => images.ImageSize;

    public bool IsInMemory => images.IsInMemory;

    public bool PixelsDependOnSeed => false;

    public string? Fingerprint => images.Fingerprint;

    public ImageBatch Read(IReadOnlyList<ImageDraw> draws)
    {
        ArgumentNullException.ThrowIfNull(draws);
        ThrowIfWithoutCodes(draws);
        using ImageBatch batch = images.Read(draws);
        if (batch.Count != draws.Count)
            throw new InvalidOperationException($"{images.GetType().Name} was asked for {draws.Count} images and read {batch.Count}. An image source must read one for each draw.");

        // A batch owns what it holds, so the new one takes aliases: the memory is shared, and lives until both are released.
        Tensor tokens = codes.Read([.. draws.Select(draw => draw.Index)]);
        return new ImageBatch(batch.Images.alias(), batch.Condition.To(CPU), tokens, codes.TokenizerFingerprint);
    }

    // Those that could not be read when the tokens were extracted, although they may be now.
    private void ThrowIfWithoutCodes(IReadOnlyList<ImageDraw> draws)
    {
        List<UnreadableImage> missing =
        [
            .. draws.Select(draw => draw.Index).Where(index => (uint)index < (uint)Count && !codes.Has(index)).Distinct()
                .Select(index => new UnreadableImage(index, $"image {index}", $"Image {index} has no tokens in '{codes.Path}': it could not be read when they were extracted.")),
        ];
        if (missing.Count > 0)
            throw new ImageDataException(string.Join(' ', missing.Take(3).Select(image => image.Reason)) + " Mend the images and extract the tokens again.", missing);
    }
}
