using TorchSharp;
using VaPi.Checkpoints;
using VaPi.Checkpoints.Files;
using VaPi.Checkpoints.Safetensors;
using static TorchSharp.torch;

namespace VaPi.Data;

/// <summary>Encodes a source from its first image to its last, straight into a file: one batch is in memory at a time.</summary>
internal sealed class CodeExtraction(IImageSource images, ITokenizer tokenizer, TokenExtractionOptions options)
{
    private readonly byte[] _readable = new byte[images.Count];
    private readonly ScalarType _type = CodeFormat.TypeOf(tokenizer.CodebookSize);
    private readonly List<UnreadableImage> _unreadable = [];

    public IReadOnlyList<UnreadableImage> Write(string path, string tokenizerFingerprint, IProgress<int>? progress, CancellationToken cancellationToken)
    {
        int count = images.Count;
        TensorEntry[] tensors =
        [
            new(CodeFormat.Tokens, _type, [count, tokenizer.Layout.TokenCount]),
            new(CodeFormat.Readable, ScalarType.Bool, [count]),
        ];
        using var file = new AtomicFile(path);
        file.Write(stream => stream.Write(SafetensorsHeader.Write(path, tensors, CodeFormat.Describe(tokenizer, tokenizerFingerprint, images))));
        for (int first = 0; first < count; first += options.BatchSize)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int length = Math.Min(options.BatchSize, count - first);
            using (DisposeScope scope = NewDisposeScope())
            {
                Tensor tokens = Encoded(first, length, cancellationToken); // (B, T)
                file.Write(stream => stream.Write(tokens.bytes));
            }

            progress?.Report(first + length);
        }

        file.Write(stream => stream.Write(_readable));
        file.Commit();
        return _unreadable;
    }

    private Tensor Encoded(int first, int length, CancellationToken cancellationToken)
    {
        using IDisposable gradients = no_grad();
        Tensor tokens = zeros([length, tokenizer.Layout.TokenCount], _type, CPU);
        List<ImageDraw> draws = [.. Enumerable.Range(first, length).Select(index => new ImageDraw(index, 0))];
        using ImageBatch? batch = ReadableOnes(draws, cancellationToken);
        if (batch is null)
            return tokens;

        Tensor encoded = tokenizer.Encode(batch.Images.to(options.Device ?? CPU)).cpu();
        if (KnownTokens.Problem(encoded, draws.Count, tokenizer) is { } problem)
            throw new InvalidOperationException($"The tokenizer's Encode gave {problem}. Check its Layout, CodebookSize and Encode.");
        using Tensor rows = tensor(draws.Select(draw => (long)draw.Index - first).ToArray(), ScalarType.Int64);
        tokens.index_copy_(0, rows, encoded.to(_type));
        foreach (ImageDraw draw in draws)
            _readable[draw.Index] = 1;
        return tokens;
    }

    // Leaves those in the list that could be read.
    private ImageBatch? ReadableOnes(List<ImageDraw> draws, CancellationToken cancellationToken)
    {
        while (draws.Count > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                ImageBatch batch = images.Read(draws);
                if (batch.Count == draws.Count)
                    return batch;
                using (batch)
                    throw new InvalidOperationException($"{images.GetType().Name} was asked for {draws.Count} images and read {batch.Count}. An image source must read one for each draw.");
            }
            catch (ImageDataException failure)
            {
                List<UnreadableImage> failed = [.. failure.Unreadable.Where(image => draws.Exists(draw => draw.Index == image.Index))];
                if (failed.Count == 0)
                    throw;
                _unreadable.AddRange(failed);
                draws.RemoveAll(draw => failed.Exists(image => image.Index == draw.Index));
                if (_unreadable.Count > options.MaximumUnreadableShare * images.Count || _unreadable.Count == images.Count)
                {
                    throw new ImageDataException(
                        $"{_unreadable.Count} of {images.Count} images cannot be read, more than a share of {options.MaximumUnreadableShare}. Mend or remove them, or raise {nameof(TokenExtractionOptions)}.{nameof(TokenExtractionOptions.MaximumUnreadableShare)}. The last error: {failure.Message}",
                        _unreadable,
                        failure);
                }
            }
        }

        return null;
    }
}
