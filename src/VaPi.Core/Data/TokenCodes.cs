using System.Runtime.InteropServices;
using TorchSharp;
using VaPi.Checkpoints;
using static TorchSharp.torch;

namespace VaPi.Data;

/// <summary>
/// The tokens of a data set in a file, computed once and used in every run: x* = Q(E(I)) of every image, for sources whose
/// images are the same at every draw.
/// </summary>
/// <remarks>
/// A safetensors file with <c>tokens</c> (N, T), in the smallest integer type that holds the codebook, and <c>readable</c>
/// (N): which images could be read. It says which tokenizer made it and of which images. Tokens are read when they are drawn;
/// the file stays open until the object is disposed. It may be read from several threads.
/// </remarks>
public sealed class TokenCodes : IDisposable
{
    private readonly int _codebookSize;
    private readonly CheckpointReader _reader;
    private readonly bool[] _readable;
    private readonly int _tokenCount;
    private readonly ScalarType _type;

    private TokenCodes(CheckpointReader reader, bool[] readable, ITokenizer tokenizer, string tokenizerFingerprint)
    {
        _reader = reader;
        _readable = readable;
        _codebookSize = tokenizer.CodebookSize;
        _tokenCount = tokenizer.Layout.TokenCount;
        _type = CodeFormat.TypeOf(_codebookSize);
        TokenizerFingerprint = tokenizerFingerprint;
        ImagesFingerprint = reader.Metadata.GetValueOrDefault(CodeFormat.ImagesKey);
    }

    /// <summary>The file.</summary>
    public string Path => _reader.Path;

    /// <summary>N, the number of images.</summary>
    public int Count => _readable.Length;

    /// <summary>The <see cref="ITokenizer.Fingerprint"/> of the tokenizer that made them.</summary>
    public string TokenizerFingerprint { get; }

    /// <summary>The <see cref="IImageSource.Fingerprint"/> of the images; null if their source had none.</summary>
    public string? ImagesFingerprint { get; }

    /// <summary>
    /// Encodes every image of a source into a file, which is there only once it is complete. A batch of images is in memory at
    /// a time, whatever their number.
    /// </summary>
    /// <param name="images">The images, which must look the same at every draw. Images that cannot be read get no tokens.</param>
    /// <param name="tokenizer">The tokenizer; it must have a fingerprint.</param>
    /// <param name="path">The file to write or replace, usually <c>.safetensors</c>; its folder exists.</param>
    /// <param name="options">Batch size and device; null for the defaults.</param>
    /// <param name="progress">Told how many images are done.</param>
    /// <param name="cancellationToken">Stops between batches; nothing is left then.</param>
    /// <returns>The images that could not be read.</returns>
    /// <exception cref="ArgumentException">
    /// The images vary from draw to draw or have another size, the tokenizer has no fingerprint, or an option is out of range.
    /// </exception>
    /// <exception cref="ImageDataException">More images than <see cref="TokenExtractionOptions.MaximumUnreadableShare"/> cannot be read.</exception>
    /// <exception cref="CheckpointException">The file cannot be written.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static IReadOnlyList<UnreadableImage> Extract(
        IImageSource images,
        ITokenizer tokenizer,
        string path,
        TokenExtractionOptions? options = null,
        IProgress<int>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new TokenExtractionOptions();
        options.ThrowIfInvalid(nameof(options));
        string fingerprint = FingerprintOf(tokenizer);
        ThrowIfVaried(images, nameof(images));
        if (images.ImageSize != tokenizer.ImageSize)
            throw new ArgumentException($"The images are {images.ImageSize} pixels but the tokenizer takes {tokenizer.ImageSize}; open the images at that size.", nameof(images));
        return new CodeExtraction(images, tokenizer, options).Write(path, fingerprint, progress, cancellationToken);
    }

    /// <summary>Opens tokens that were extracted before.</summary>
    /// <param name="path">The file.</param>
    /// <param name="tokenizer">The tokenizer in use; the tokens must be its own.</param>
    /// <returns>Belongs to the caller, who disposes it after the sources that use it.</returns>
    /// <exception cref="CheckpointException">The file cannot be read, is damaged, or is of another tokenizer.</exception>
    /// <exception cref="ArgumentException">The tokenizer has no fingerprint.</exception>
    public static TokenCodes Open(string path, ITokenizer tokenizer)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string fingerprint = FingerprintOf(tokenizer);
        CheckpointReader reader = CheckpointReader.Open(path);
        try
        {
            CodeFormat.Check(path, reader.Metadata, tokenizer, fingerprint);
            return new TokenCodes(reader, ReadableOnes(reader, tokenizer), tokenizer, fingerprint);
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    /// <summary>Releases the file.</summary>
    public void Dispose() => _reader.Dispose();

    /// <summary>Refuses images that these are not the tokens of.</summary>
    internal void ThrowIfNotOf(IImageSource images)
    {
        ThrowIfVaried(images, nameof(images));
        if (images.Count != Count)
            throw new ArgumentException($"'{Path}' holds the tokens of {Count} images, but there are {images.Count}. Extract them again.", nameof(images));
        if (ImagesFingerprint is not null && images.Fingerprint is { } fingerprint && fingerprint != ImagesFingerprint)
            throw new ArgumentException($"'{Path}' holds the tokens of the images {ImagesFingerprint}, but these are {fingerprint}: other images, or read in another way. Extract them again.", nameof(images));
    }

    /// <summary>Whether there are tokens of an image.</summary>
    internal bool Has(int index) => _readable[index];

    /// <summary>The tokens of images.</summary>
    /// <returns>(B, T), int64. Belongs to the caller.</returns>
    internal Tensor Read(IReadOnlyList<int> indices)
    {
        int rowBytes = _tokenCount * (int)_type.ElementSize();
        using DisposeScope scope = NewDisposeScope();
        Tensor tokens = empty([indices.Count, _tokenCount], _type, CPU);
        for (int row = 0; row < indices.Count; row++)
            _reader.ReadBytes(CodeFormat.Tokens, (long)indices[row] * rowBytes, tokens.bytes.Slice(row * rowBytes, rowBytes));
        return tokens.to(ScalarType.Int64).DetachFromDisposeScope();
    }

    private static string FingerprintOf(ITokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        return tokenizer.Fingerprint ?? throw new ArgumentException(
            $"{tokenizer.GetType().Name} has no fingerprint, so its tokens cannot be told from another's. Implement {nameof(ITokenizer)}.{nameof(ITokenizer.Fingerprint)}, for example as a hash of its weights and settings.", nameof(tokenizer));
    }

    private static void ThrowIfVaried(IImageSource images, string parameterName)
    {
        if (images.PixelsDependOnSeed)
        {
            throw new ArgumentException(
                $"The images of {images.GetType().Name} may vary from draw to draw (a random crop or flip), and tokens stand for one of the pictures only. Open them with the centre crop and without flips; a source of your own says that it does not vary by {nameof(IImageSource)}.{nameof(IImageSource.PixelsDependOnSeed)}.", parameterName);
        }
    }

    private static bool[] ReadableOnes(CheckpointReader reader, ITokenizer tokenizer)
    {
        TensorEntry? tokens = reader.Entries.FirstOrDefault(entry => entry.Name == CodeFormat.Tokens);
        TensorEntry? readable = reader.Entries.FirstOrDefault(entry => entry.Name == CodeFormat.Readable);
        ScalarType type = CodeFormat.TypeOf(tokenizer.CodebookSize);
        int width = tokenizer.Layout.TokenCount;
        if (tokens is not { Shape: [long count, long stored] } || stored != width || tokens.ScalarType != type || count is < 1 or > int.MaxValue
            || readable is not { ScalarType: ScalarType.Bool, Shape: [long flags] } || flags != count)
        {
            throw new CheckpointException(reader.Path, "its tensors are not those of extracted tokens", $"{CodeFormat.Tokens}, {type} (N, {width}), and {CodeFormat.Readable}, Bool (N)", "Extract the tokens again");
        }

        using Tensor read = reader.Read(CodeFormat.Readable);
        return MemoryMarshal.Cast<byte, bool>(read.bytes).ToArray();
    }
}
