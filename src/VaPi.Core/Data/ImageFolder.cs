using System.Runtime.ExceptionServices;
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
    // The order of an image's random decisions is part of what a seed means: do not renumber. Cropping has the others.
    private const uint FlipCounter = 0;

    private readonly ImageFolderOptions _options;
    private readonly string[] _paths;
    private readonly int[] _labels;

    private ImageFolder(ImageSize size, ImageFolderOptions options, List<string> classes, List<string> paths, List<int> labels)
    {
        ImageSize = size;
        _options = options;
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
        ArgumentNullException.ThrowIfNull(draws);
        for (int i = 0; i < draws.Count; i++)
        {
            if ((uint)draws[i].Index >= (uint)Count)
                throw new ArgumentOutOfRangeException(nameof(draws), draws[i].Index, $"Draw {i} asks for an image that does not exist; indices are from 0 to {Count - 1}.");
        }

        Tensor images = empty([draws.Count, 3, ImageSize.Height, ImageSize.Width], ScalarType.Float32, CPU);
        try
        {
            Fill(images, draws);
            return new ImageBatch(images, ConditionOf(draws));
        }
        catch
        {
            images.Dispose();
            throw;
        }
    }

    private static ImageFolder OpenUnlabelled(string root, ImageSize size, ImageFolderOptions options)
    {
        FolderScan scan = FolderScan.Of(root);
        if (scan.Images.Count == 0)
            throw NoImages(root, [], scan.OtherFiles);
        return new ImageFolder(size, options, [], scan.Images, []);
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
            return new ImageFolder(size, options, classes, paths, labels);

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

    private void Fill(Tensor images, IReadOnlyList<ImageDraw> draws)
    {
        var failures = new Exception?[draws.Count];
        void ReadOne(int i, ParallelLoopState? state)
        {
            try
            {
                ReadInto(images, i, draws[i]);
            }
#pragma warning disable CA1031 // It is thrown again below, by the order of the draws and not of the threads.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failures[i] = exception;
                if (exception is not IOException)
                    state?.Break();
            }
        }

        int threads = Math.Min(_options.Threads, draws.Count);
        if (threads > 1)
        {
            Parallel.For(0, draws.Count, new ParallelOptions { MaxDegreeOfParallelism = threads }, ReadOne);
        }
        else
        {
            for (int i = 0; i < draws.Count; i++)
                ReadOne(i, null);
        }

        // Breaking lets all earlier draws finish, so the first failure is the same however the threads ran.
        if (Array.Find(failures, failure => failure is not (null or IOException)) is { } unexpected)
            ExceptionDispatchInfo.Throw(unexpected);
        ThrowIfUnreadable(draws, failures);
    }

    private void ThrowIfUnreadable(IReadOnlyList<ImageDraw> draws, Exception?[] failures)
    {
        Exception[] reasons = [.. failures.OfType<Exception>()];
        if (reasons.Length == 0)
            return;
        List<UnreadableImage> unreadable = [];
        for (int i = 0; i < failures.Length; i++)
        {
            int index = draws[i].Index;
            if (failures[i] is { } failure && !unreadable.Exists(image => image.Index == index))
                unreadable.Add(new UnreadableImage(index, _paths[index], failure.Message));
        }

        string message = unreadable.Count == 1
            ? unreadable[0].Reason
            : $"{unreadable.Count} images cannot be read: {string.Join(' ', unreadable.Take(3).Select(image => image.Reason))}{(unreadable.Count > 3 ? " …" : "")}";
        throw new ImageDataException(message, unreadable, reasons[0]);
    }

    private void ReadInto(Tensor images, int position, ImageDraw draw)
    {
        var random = new SeededRandom(draw.Seed);
        using PixelBuffer image = ImageDecoder.Decode(_paths[draw.Index], _options);
        using PixelBuffer crop = _options.Crop.Apply(image, ImageSize, random);

        using Tensor destination = images.select(0, position);
        PixelTensors.Write(crop, destination, random.Uniform(FlipCounter) < _options.FlipProbability);
    }

    private Condition ConditionOf(IReadOnlyList<ImageDraw> draws) => _options.Unlabelled
        ? new NoCondition(draws.Count)
        : new ClassCondition(draws.Select(draw => (long)_labels[draw.Index]));
}
