using Microsoft.Win32.SafeHandles;

namespace VaPi.Data;

/// <summary>A run of bytes in a file: all of it, or a member of an archive.</summary>
/// <param name="Path">The file.</param>
/// <param name="Name">What it is called in messages: the file's path, followed by the member's.</param>
/// <param name="Offset">Where it begins, in bytes.</param>
/// <param name="Length">In bytes.</param>
internal readonly record struct FileSection(string Path, string Name, long Offset, long Length)
{
    /// <summary>Reads it into the beginning of a buffer that is large enough.</summary>
    /// <returns>The bytes read; fewer than <see cref="Length"/> if the file has become shorter.</returns>
    public int ReadInto(Span<byte> buffer)
    {
        using SafeFileHandle handle = File.OpenHandle(Path);
        int done = 0;
        while (done < Length)
        {
            int read = RandomAccess.Read(handle, buffer[done..(int)Length], Offset + done);
            if (read == 0)
                break;
            done += read;
        }

        return done;
    }
}
