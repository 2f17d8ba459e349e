using VaPi.Checkpoints.Files;

namespace VaPi.Data;

/// <summary>An image, its caption or label, or a data set cannot be used. The message names it, says why, and what is expected.</summary>
/// <remarks>In messages '?' stands for control characters, which names out of files may have.</remarks>
public class ImageDataException : IOException
{
    /// <summary>Without a message of its own.</summary>
    public ImageDataException()
    {
    }

    /// <summary>With a message.</summary>
    public ImageDataException(string message)
        : base(PrintableText.Of(message))
    {
    }

    /// <summary>With a message and its cause.</summary>
    public ImageDataException(string message, Exception? innerException)
        : base(PrintableText.Of(message), innerException)
    {
    }

    /// <summary>With a message, the file or folder it is about, and its cause.</summary>
    public ImageDataException(string message, string path, Exception? innerException = null)
        : base(PrintableText.Of(message), innerException) => Path = path;

    /// <summary>With a message and the images of a <see cref="IImageSource.Read"/> that cannot be read.</summary>
    /// <param name="message">Says what cannot be read and why.</param>
    /// <param name="unreadable">All of the draws' images that cannot be read; at least one.</param>
    /// <param name="innerException">What the first of them failed with.</param>
    /// <exception cref="ArgumentException">No image is listed.</exception>
    public ImageDataException(string message, IReadOnlyList<UnreadableImage> unreadable, Exception? innerException = null)
        : base(PrintableText.Of(message), innerException)
    {
        ArgumentNullException.ThrowIfNull(unreadable);
        if (unreadable.Count == 0)
            throw new ArgumentException("At least one unreadable image must be listed.", nameof(unreadable));
        Unreadable = unreadable;
        Path = unreadable[0].Path;
    }

    /// <summary>The file or folder, the first if there are several; null if it is not known.</summary>
    public string? Path { get; }

    /// <summary>
    /// The images of a source that cannot be read, which a trainer may pass over. Empty where something else is wrong, such as
    /// a folder as a whole.
    /// </summary>
    public IReadOnlyList<UnreadableImage> Unreadable { get; } = [];
}
