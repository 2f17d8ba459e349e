using static TorchSharp.torch;

namespace VaPi.Data;

/// <summary>
/// Images in tar archives (shards) in WebDataset's layout, read where they lie: nothing is unpacked. An image and what goes
/// with it have the same name up to the first dot, such as <c>0001.jpg</c>, <c>0001.json</c>, <c>0001.npy</c> and
/// <c>0001.cls</c>.
/// </summary>
/// <remarks>
/// <para>
/// Opening reads the header of every member, and keeps for each image its name and where its members lie. Images end in .jpg,
/// .jpeg, .png or .webp and come in the order of the shards and in these; members that belong to no image are passed over, and
/// so are folders, links and devices. Archives are not trusted: one that is cut off or damaged is refused when it is opened,
/// and names may be anything, because nothing is written.
/// </para>
/// <para>
/// Images are read when they are drawn; what cannot be read then is reported together by <see cref="Read"/>. A trainer passes
/// over such images. It may be read from several threads.
/// </para>
/// </remarks>
public sealed class ImageShards : IImageSource
{
    private const string ShardPattern = "*.tar";
    private const long MostMembers = 30_000_000;

    private readonly DrawnCaptions? _captions;
    private readonly ImageShardsOptions _options;
    private readonly BatchReading _reading;
    private readonly List<ShardSample> _samples;

    private ImageShards(List<ShardSample> samples, ImageSize size, FeatureFolder? features, FeatureFolder? shortFeatures, ImageShardsOptions options)
    {
        _samples = samples;
        _options = options;
        ImageSize = size;
        _reading = new BatchReading(size, options, index => samples[index].Image.Name, index => ImageDecoder.Decode(samples[index].Image, options));
        if (options.Condition == ShardCondition.Captions)
        {
            _captions = new DrawnCaptions(
                samples.Count,
                index => FeaturesOf(samples[index], features),
                shortFeatures is null ? null : index => shortFeatures.Read(samples[index].Key),
                options.ShortCaptionProbability,
                options.Places);
        }
    }

    /// <inheritdoc/>
    public int Count => _samples.Count;

    /// <inheritdoc/>
    public ImageSize ImageSize { get; }

    /// <inheritdoc/>
    public bool PixelsDependOnSeed => _options.IsVaried;

    /// <summary>A hash of the shards' names, their images' names, places and lengths, and of how they are read.</summary>
    public string Fingerprint => SourceFingerprint.Of(
        ImageSize,
        _options,
        _samples.Select(sample => sample.Image).Select(image => $"{Path.GetFileName(image.Path)} {image.Name[image.Path.Length..]} {image.Offset} {image.Length}"));

    /// <summary>Finds the images in shards.</summary>
    /// <param name="path">
    /// A <c>.tar</c> file, a folder with such files, or a path whose last part has wildcards, such as <c>shards/train-*.tar</c>.
    /// They are taken in ordinal order of their paths.
    /// </param>
    /// <param name="size">The size that every image is brought to; a number stands for a square.</param>
    /// <param name="options">Condition, crop, limits; null for captions whose features are in the shards, as published.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder of features.</exception>
    /// <exception cref="ImageDataException">
    /// A shard is damaged or cut off, there are no images, or captions are asked for and none of the first hundred has features.
    /// </exception>
    /// <exception cref="ArgumentException">The size or an option is outside its range.</exception>
    public static ImageShards Open(string path, ImageSize size, ImageShardsOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ImageSizes.ThrowIfInvalid(size, nameof(size));
        options = options?.Copy() ?? new ImageShardsOptions();
        options.ThrowIfInvalid(nameof(options));

        FeatureFolder? features = options.Features is null ? null : new FeatureFolder(options.Features, nameof(options.Features));
        FeatureFolder? shortFeatures = options.ShortFeatures is null ? null : new FeatureFolder(options.ShortFeatures, nameof(options.ShortFeatures));
        var samples = new List<ShardSample>();
        string[] shards = DataFiles.Find(path, ShardPattern, "shard");
        foreach (string shard in shards)
        {
            try
            {
                samples.AddRange(ShardIndex.Of(shard, MostMembers - samples.Count));
            }
            catch (Exception exception) when (exception is UnauthorizedAccessException || exception.GetType() == typeof(IOException))
            {
                throw new ImageDataException($"The shard '{shard}' cannot be read: {exception.Message}", shard, exception);
            }
        }

        return samples.Count > 0
            ? new ImageShards(samples, size, features, shortFeatures, options)
            : throw new ImageDataException($"'{shards[0]}'{(shards.Length > 1 ? $" and {shards.Length - 1} other shards hold" : " holds")} no images. Images end in {ImageDecoder.ExtensionList}.", shards[0]);
    }

    /// <summary>
    /// The text of an image's caption, such as for making its features: in the shard's <c>.json</c> under <c>caption</c>,
    /// <c>text</c>, <c>TEXT</c> or <c>alt</c>; of several the first.
    /// </summary>
    /// <param name="index">0 … <see cref="Count"/>-1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such image.</exception>
    /// <exception cref="ImageDataException">It has no caption, or it cannot be read.</exception>
    public string ReadCaption(int index)
    {
        ShardSample sample = Sample(index);
        return ShardText.Caption(sample.Caption ?? throw new ImageDataException($"The image '{sample.Image.Name}' has no .json beside it.", sample.Image.Name));
    }

    /// <summary>The name of an image in its shard, with folders, up to its first dot; its features in a folder go by it.</summary>
    /// <param name="index">0 … <see cref="Count"/>-1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such image.</exception>
    public string KeyOf(int index) => Sample(index).Key;

    /// <summary>Reads images and their conditions.</summary>
    /// <param name="draws">Which images, in order.</param>
    /// <returns>Images with the condition that the options ask for, on the CPU. Belongs to the caller.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A draw's index is not that of an image.</exception>
    /// <exception cref="ImageDataException">
    /// Images, features or labels cannot be read; all of the draws' are in <see cref="ImageDataException.Unreadable"/>, in the
    /// order of the draws.
    /// </exception>
    public ImageBatch Read(IReadOnlyList<ImageDraw> draws)
    {
        ArgumentNullException.ThrowIfNull(draws);
        if (_captions is not null)
            return _captions.Read(_reading, draws, Count);
        if (_options.Condition == ShardCondition.None)
            return new ImageBatch(_reading.Read(draws, Count), new NoCondition(draws.Count));

        long[] labels = new long[draws.Count];
        Tensor images = _reading.Read(draws, Count, position => labels[position] = LabelOf(_samples[draws[position].Index]));
        return new ImageBatch(images, new ClassCondition(labels));
    }

    private static Tensor FeaturesOf(ShardSample sample, FeatureFolder? folder)
    {
        if (sample.Features is { } features)
            return CaptionFeatures.Load(features);
        return folder is not null
            ? folder.Read(sample.Key)
            : throw new ImageDataException(
                $"The image '{sample.Image.Name}' has no caption features ('{sample.Key}.npy' or '.safetensors') in its shard, and {nameof(ImageShardsOptions)}.{nameof(ImageShardsOptions.Features)} names no folder with them.", sample.Image.Name);
    }

    private static long LabelOf(ShardSample sample) => ShardText.Label(
        sample.Label ?? throw new ImageDataException($"The image '{sample.Image.Name}' has no class ('{sample.Key}.cls') in its shard.", sample.Image.Name));

    private ShardSample Sample(int index)
    {
        if ((uint)index >= (uint)Count)
            throw new ArgumentOutOfRangeException(nameof(index), index, $"There is no such image; indices are from 0 to {Count - 1}.");
        return _samples[index];
    }
}
