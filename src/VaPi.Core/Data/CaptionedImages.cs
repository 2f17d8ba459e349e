namespace VaPi.Data;

/// <summary>
/// Images with captions in the layout of the published text-to-image training: lists of images (<c>*.jsonl</c>), the image
/// files they name, and a file of caption features for each.
/// </summary>
/// <remarks>
/// <para>
/// A line of a list is <c>{"image_path": "a.jpg", "text": ["a caption"]}</c>; other fields, the text among them, are not used:
/// the features are what the policy is conditioned on. Those of line i (from 0, empty lines counted) of <c>name.jsonl</c> are
/// <c>features/name/i.npy</c> or <c>.safetensors</c>, as <see cref="CaptionFeatures"/> reads them; a name ends at its first dot.
/// </para>
/// <para>
/// Image paths are used as they are written: they may be absolute or lead anywhere, so a list from elsewhere can name any file
/// that this process may read, unless <see cref="CaptionedImagesOptions.OnlyBelowRoot"/> is set. What is no image is refused.
/// </para>
/// <para>
/// Opening reads the lists; images and features are read when they are drawn, and what cannot be read then is reported
/// together by <see cref="Read"/>. A trainer passes over such images. It may be read from several threads.
/// </para>
/// </remarks>
public sealed class CaptionedImages : IImageSource
{
    private const string ListPattern = "*.jsonl";
    private const int MostImages = 20_000_000;

    private readonly DrawnCaptions _captions;
    private readonly List<Entry> _entries;
    private readonly CaptionedImagesOptions _options;
    private readonly BatchReading _reading;

    private CaptionedImages(List<Entry> entries, ImageSize size, FeatureFolder features, FeatureFolder? shortFeatures, CaptionedImagesOptions options)
    {
        _entries = entries;
        _options = options;
        ImageSize = size;
        _reading = new BatchReading(size, options, PathOf, index => ImageDecoder.Decode(PathOf(index), options));
        _captions = new DrawnCaptions(
            entries.Count,
            index => features.Read(entries[index].Key),
            shortFeatures is null ? null : index => shortFeatures.Read(entries[index].Key),
            options.ShortCaptionProbability,
            options.Places);
    }

    /// <inheritdoc/>
    public int Count => _entries.Count;

    /// <inheritdoc/>
    public ImageSize ImageSize { get; }

    /// <summary>W, the features of a place of a caption.</summary>
    public int FeatureWidth => (int)_captions.Width;

    /// <inheritdoc/>
    public bool PixelsDependOnSeed => _options.IsVaried;

    /// <summary>A hash of the images' paths as the lists have them, in their order, and of how they are read. Files are not opened for it.</summary>
    public string Fingerprint => SourceFingerprint.Of(ImageSize, _options, _entries.Select(entry => entry.ImagePath));

    /// <summary>Reads the lists.</summary>
    /// <param name="path">A <c>.jsonl</c> file, or a folder with such files, which are taken in ordinal order of their names.</param>
    /// <param name="size">The size that every image is brought to; a number stands for a square.</param>
    /// <param name="features">The folder of the captions' features.</param>
    /// <param name="options">Crop, places, short captions, limits; null for the published ones.</param>
    /// <exception cref="FileNotFoundException">There is no such file or folder.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder of features.</exception>
    /// <exception cref="ImageDataException">
    /// A line is damaged, names no image or leads out of the root (the message has file and line), there are no images, or none of the first hundred
    /// has features.
    /// </exception>
    /// <exception cref="ArgumentException">The size or an option is outside its range.</exception>
    public static CaptionedImages Open(string path, ImageSize size, string features, CaptionedImagesOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentException.ThrowIfNullOrEmpty(features);
        ImageSizes.ThrowIfInvalid(size, nameof(size));
        options = options?.Copy() ?? new CaptionedImagesOptions();
        options.ThrowIfInvalid(nameof(options));

        string[] lists = DataFiles.Find(path, ListPattern, "list of images");
        var folder = new FeatureFolder(features, nameof(features));
        FeatureFolder? shortFolder = options.ShortFeatures is null ? null : new FeatureFolder(options.ShortFeatures, nameof(options.ShortFeatures));
        return new CaptionedImages(ReadLists(lists, options), size, folder, shortFolder, options);
    }

    /// <summary>Reads images and captions.</summary>
    /// <param name="draws">Which images, in order.</param>
    /// <returns>Images with a <see cref="CaptionCondition"/>, on the CPU. Belongs to the caller.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A draw's index is not that of an image.</exception>
    /// <exception cref="ImageDataException">
    /// Images or their features cannot be read; all of the draws' are in <see cref="ImageDataException.Unreadable"/>, in the
    /// order of the draws.
    /// </exception>
    public ImageBatch Read(IReadOnlyList<ImageDraw> draws)
    {
        ArgumentNullException.ThrowIfNull(draws);
        return _captions.Read(_reading, draws, Count);
    }

    private static List<Entry> ReadLists(string[] lists, CaptionedImagesOptions options)
    {
        var entries = new List<Entry>();
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string list in lists)
        {
            string name = Path.GetFileName(list).Split('.')[0];
            if (!names.TryAdd(name, list))
                throw new ImageDataException($"'{list}' and '{names[name]}' are both called '{name}' up to the first dot, so their features would lie in one folder. Rename one.", list);
            string root = Path.GetFullPath(options.ImageRoot ?? Path.GetDirectoryName(list)!);
            foreach ((int line, string imagePath) in JsonLines.Read(list))
            {
                if (entries.Count == MostImages)
                    throw new ImageDataException($"'{list}': there are more than {MostImages} images. Open the lists in parts.", list);
                var entry = new Entry(root, imagePath, name, line);
                if (options.OnlyBelowRoot && !DataFiles.IsBelow(root, entry.Path))
                    throw new ImageDataException($"{list}:{line + 1}: the image path '{imagePath}' leads out of '{root}'. Correct it, or set {nameof(CaptionedImagesOptions)}.{nameof(CaptionedImagesOptions.OnlyBelowRoot)} to false if the list is to be trusted.", list);
                entries.Add(entry);
            }
        }

        return entries.Count > 0 ? entries : throw new ImageDataException($"'{lists[0]}'{(lists.Length > 1 ? $" and {lists.Length - 1} other lists name" : " names")} no images.", lists[0]);
    }

    private string PathOf(int index) => _entries[index].Path;

    /// <summary>A line of a list.</summary>
    private readonly record struct Entry(string Root, string ImagePath, string List, int Line)
    {
        public string Path => System.IO.Path.GetFullPath(ImagePath, Root);

        public string Key => $"{List}/{Line}";
    }
}
