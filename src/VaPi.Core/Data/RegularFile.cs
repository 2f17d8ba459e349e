using VaPi.Checkpoints.Files;

namespace VaPi.Data;

/// <summary>Tells files that can be read from what only looks like one, without opening it.</summary>
internal static class RegularFile
{
    /// <summary>The length of a file, in bytes; at least 1.</summary>
    /// <param name="path">The file.</param>
    /// <param name="what">What it is to be, for messages, such as <c>image</c>.</param>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="ImageDataException">It is a folder, a pipe, a device, empty, or a link in a circle.</exception>
    public static long LengthOf(string path, string what)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            throw Directory.Exists(path)
                ? new ImageDataException($"'{path}' is a folder; a file is expected.", path)
                : new FileNotFoundException(PrintableText.Of($"The {what} '{path}' does not exist."), path);
        }

        // A link's own length says nothing of its target's.
        if (file.LinkTarget is not null)
        {
            string target = Links.RealPath(path) ?? throw new ImageDataException($"The {what} '{path}' is a link that leads in a circle.", path);
            file = new FileInfo(target);
            if (!file.Exists)
                throw new FileNotFoundException(PrintableText.Of($"The {what} '{path}' is a link to '{target}', which does not exist."), path);
        }

        // The length is looked at before the file is opened: a pipe or a device has none, and opening it could block.
        return file.Length > 0 ? file.Length : throw new ImageDataException($"The {what} '{path}' is empty or not a regular file.", path);
    }
}
