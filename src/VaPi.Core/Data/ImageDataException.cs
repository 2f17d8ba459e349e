namespace VaPi.Data;

/// <summary>An image, or a folder of images, cannot be used. The message names it, says why, and what is expected.</summary>
public class ImageDataException : IOException
{
    /// <summary>Without a message of its own.</summary>
    public ImageDataException()
    {
    }

    /// <summary>With a message.</summary>
    public ImageDataException(string message)
        : base(message)
    {
    }

    /// <summary>With a message and its cause.</summary>
    public ImageDataException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>With a message, the file or folder it is about, and its cause.</summary>
    public ImageDataException(string message, string path, Exception? innerException = null)
        : base(message, innerException) => Path = path;

    /// <summary>The file or folder; null if it is not known.</summary>
    public string? Path { get; }
}
