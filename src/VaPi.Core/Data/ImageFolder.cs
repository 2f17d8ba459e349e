using static TorchSharp.torch;

namespace VaPi.Data;

/// <summary>
/// A folder of JPEG, PNG and WebP images in ImageNet's layout: one sub-folder a class,
/// <c>root/class/…/image.jpg</c>.
/// </summary>
/// <remarks>
/// <para>
/// The sub-folders' names in ordinal order are the labels 0, 1, …, empty ones included. Within a class the images come in
/// ordinal order, folder by folder. Names that start with a dot are passed over, files directly in the root are too, and
/// links are followed, except those back to a folder above. A folder is a folder also when it is called <c>x.jpg</c>.
/// </para>
/// <para>
/// Only names are read when the folder is opened, which fails if a folder may not be listed. Images are read when they are
/// drawn; what cannot be read then, because it has been deleted meanwhile, may not be read, or is one of the things that
/// <see cref="ImageFile"/> refuses, is reported together by <see cref="Read"/>. A trainer passes over such images, up to a
/// share that its options set.
/// </para>
/// <para>
/// It may be read from several threads. See <see cref="ImageFile"/> for how files are decoded.
/// </para>
/// </remarks>
public sealed class ImageFolder : IImageSource
{
    private readonly ImageFolderOptions _options;
    private readonly string[] _paths;
    private readonly int[] _labels;
    private readonly BatchReading _reading;
    private readonly string _root;

    private ImageFolder(string root, ImageSize size, ImageFolderOptions options, List<string> classes, List<string> paths, List<int> labels)
    {
        ImageSize = size;
        _root = root;
        _options = options;
        _reading = new BatchReading(size, options, PathOf, index => ImageDecoder.Decode(PathOf(index), options));
        _paths = [.. paths];
        _labels = [.. labels];
        Classes = classes.AsReadOnly();
        Paths = Array.AsReadOnly(_paths);
        Labels = Array.AsReadOnly(_labels);
    }

    /// <inheritdoc/>
    public int Count => _paths.Length;

    /// <inheritdoc/>
    public ImageSize ImageSize { get; }

    /// <inheritdoc/>
    public bool PixelsDependOnSeed => _options.IsVaried;

    /// <summary>
    /// A hash of the images' paths below the folder, in their order, and of how they are read. Files are not opened for it:
    /// pictures that were replaced under the same name are not noticed.
    /// </summary>
    public string Fingerprint => SourceFingerprint.Of(ImageSize, _options, _paths.Select(path => Path.GetRelativePath(_root, path)));

    /// <summary>The names of the classes; a name's index is its label. Empty for an unlabelled folder.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>The absolute path of each image.</summary>
    public IReadOnlyList<string> Paths { get; }

    /// <summary>The label of each image. Empty for an unlabelled folder.</summary>
    public IReadOnlyList<int> Labels { get; }

    /// <summary>Finds the images of a folder.</summary>
    /// <param name="path">The folder that holds the class folders.</param>
    /// <param name="size">The size that every image is brought to; a number stands for a square.</param>
    /// <param name="options">Crop, flips, limits; null for the published alignment's: centre crop, no flips.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="ImageDataException">The folder holds no images, or no class folders.</exception>
    /// <exception cref="ArgumentException">The size or an option is outside its range.</exception>
    public static ImageFolder Open(string path, ImageSize size, ImageFolderOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ImageSizes.ThrowIfInvalid(size, nameof(size));
        options = options?.Copy() ?? new ImageFolderOptions();
        options.ThrowIfInvalid(nameof(options));

        string root = Path.GetFullPath(path);
        if (File.Exists(root))
            throw new DirectoryNotFoundException($"'{root}' is a file; the folder that holds the class folders is expected.");
        if (!Directory.Exists(root))
            throw new DirectoryNotFoundException($"The image folder '{root}' does not exist.");
        try
        {
            return options.Unlabelled ? OpenUnlabelled(root, size, options) : OpenClasses(root, size, options);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new ImageDataException($"The image folder '{root}' cannot be listed: {exception.Message}", root, exception);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A draw's index is not that of an image.</exception>
    /// <exception cref="ImageDataException">
    /// Images cannot be read; all of the draws' are in <see cref="ImageDataException.Unreadable"/>, in the order of the draws.
    /// </exception>
    public ImageBatch Read(IReadOnlyList<ImageDraw> draws)
    {
        Tensor images = _reading.Read(draws, Count);
        return new ImageBatch(images, ConditionOf(draws));
    }

    private static ImageFolder OpenUnlabelled(string root, ImageSize size, ImageFolderOptions options)
    {
        FolderScan scan = FolderScan.Of(root);
        if (scan.Images.Count == 0)
            throw NoImages(root, [], scan.OtherFiles);
        return new ImageFolder(root, size, options, [], scan.Images, []);
    }

    private static ImageFolder OpenClasses(string root, ImageSize size, ImageFolderOptions options)
    {
        List<string> classes = FolderScan.Folders(root);
        var paths = new List<string>();
        var labels = new List<int>();
        var otherFiles = new Dictionary<string, int>();
        for (int label = 0; label < classes.Count; label++)
        {
            FolderScan scan = FolderScan.Of(Path.Combine(root, classes[label]));
            paths.AddRange(scan.Images);
            labels.AddRange(Enumerable.Repeat(label, scan.Images.Count));
            foreach ((string extension, int count) in scan.OtherFiles)
                otherFiles[extension] = otherFiles.GetValueOrDefault(extension) + count;
        }

        if (paths.Count > 0)
            return new ImageFolder(root, size, options, classes, paths, labels);

        int loose = Directory.EnumerateFiles(root).Count(ImageDecoder.HasImageExtension);
        throw loose == 0 ? NoImages(root, classes, otherFiles) : new ImageDataException(
            $"The image folder '{root}' holds {loose} images directly, and none in {classes.Count} sub-folders. "
            + $"One sub-folder a class is expected, as in '{Path.Combine(root, "class", "image.jpg")}'. "
            + $"If the images have no classes, set {nameof(ImageFolderOptions)}.{nameof(ImageFolderOptions.Unlabelled)}.",
            root);
    }

    private static ImageDataException NoImages(string root, List<string> classes, IReadOnlyDictionary<string, int> otherFiles)
    {
        string files = otherFiles.Count == 0
            ? "no files"
            : string.Join(", ", otherFiles.OrderByDescending(other => other.Value).ThenBy(other => other.Key, StringComparer.Ordinal).Take(5)
                .Select(other => $"{other.Value} of '{other.Key}'"));
        return new ImageDataException(
            $"The image folder '{root}' holds no images: {classes.Count} class folders with {files}. "
            + $"Images are files that end in {ImageDecoder.ExtensionList}.",
            root);
    }

    private string PathOf(int index) => _paths[index];

    private Condition ConditionOf(IReadOnlyList<ImageDraw> draws) => _options.Unlabelled
        ? new NoCondition(draws.Count)
        : new ClassCondition(draws.Select(draw => (long)_labels[draw.Index]));
}
