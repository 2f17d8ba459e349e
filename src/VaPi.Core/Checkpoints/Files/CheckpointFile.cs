using System.Text;
using Microsoft.Win32.SafeHandles;

namespace VaPi.Checkpoints.Files;

/// <summary>A file open for reading at any position, and the source of the exceptions that concern it.</summary>
internal sealed class CheckpointFile : IDisposable
{
    private const string Damaged = "The file may be damaged or incomplete: fetch it again, or save it again as safetensors where it was made";

    private readonly SafeFileHandle _handle;

    private readonly long _start;

    private CheckpointFile(string path, SafeFileHandle handle, long start, long length)
    {
        Path = path;
        _handle = handle;
        _start = start;
        Length = length;
    }

    public string Path { get; }

    public long Length { get; }

    public static CheckpointFile Open(string path) => Open(path, path, 0, null);

    /// <summary>Opens a part of a file as if it were a file of its own, such as a member of an archive.</summary>
    /// <param name="path">The file.</param>
    /// <param name="name">What the part is called, in messages.</param>
    /// <param name="start">Where it begins, in bytes.</param>
    /// <param name="length">Its length, in bytes.</param>
    public static CheckpointFile OpenSection(string path, string name, long start, long length) => Open(path, name, start, length);

    private static CheckpointFile Open(string path, string name, long start, long? length)
    {
        if (Directory.Exists(path))
        {
            throw new CheckpointException(path, "this is a directory", "a checkpoint file", "Name the file inside it");
        }

        SafeFileHandle? handle = null;
        try
        {
            ThrowIfWithoutLength(path);
            handle = File.OpenHandle(path);
            return new CheckpointFile(name, handle, start, length ?? RandomAccess.GetLength(handle));
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CheckpointException(path, "there is no such file", "a checkpoint file", "Check the path", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            handle?.Dispose();
            throw new CheckpointException(
                path, "the file cannot be opened", "a regular file that this process may read", "See the inner exception", error);
        }
    }

    // Pipes and devices have none, and opening one could block for ever.
    private static void ThrowIfWithoutLength(string path)
    {
        var file = new FileInfo(path);
        if (file.LinkTarget is not null && file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target)
            file = target;
        if (file.Exists && file.Length == 0)
        {
            throw new CheckpointException(
                path, "the file is empty, or no regular file", "a checkpoint file", "Check that this is the checkpoint and that it was fetched whole");
        }
    }

    /// <summary>An exception about this file, for the caller to throw.</summary>
    public CheckpointException Refuse(string found, string allowed, string remedy = Damaged, Exception? inner = null) =>
        new(Path, found, allowed, remedy, inner);

    public void ReadExactly(long offset, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            int read = ReadSome(offset, destination);
            if (read == 0)
                throw Refuse($"it ends at byte {offset} where more data is due", "a complete file");

            offset += read;
            destination = destination[read..];
        }
    }

    /// <summary>Reads up to the destination's length; 0 at the end of the file.</summary>
    public int ReadSome(long offset, Span<byte> destination)
    {
        try
        {
            int length = (int)Math.Clamp(Length - offset, 0, destination.Length);
            return RandomAccess.Read(_handle, destination[..length], _start + offset);
        }
        catch (IOException error)
        {
            throw Refuse($"reading at byte {offset} failed", "a readable file", "See the inner exception", error);
        }
    }

    /// <summary>A name from the file in a form fit for a message: short, and without control characters.</summary>
    public static string Quote(string name)
    {
        const int longest = 120;
        var text = new StringBuilder("'");
        foreach (char c in name.AsSpan(0, Math.Min(name.Length, longest)))
            text.Append(char.IsControl(c) || char.IsSurrogate(c) ? '?' : c);

        return text.Append(name.Length > longest ? "…'" : "'").ToString();
    }

    public void Dispose() => _handle.Dispose();
}
