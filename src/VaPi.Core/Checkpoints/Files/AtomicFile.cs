namespace VaPi.Checkpoints.Files;

/// <summary>Files that are there whole or not at all: written under a temporary name and renamed when all is on disk.</summary>
internal static class AtomicFile
{
    /// <param name="path">The file to write or replace.</param>
    /// <param name="write">Writes it, front to back or not.</param>
    /// <exception cref="CheckpointException">The file cannot be written.</exception>
    public static void Write(string path, Action<FileStream> write)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                write(stream);

                // Without this, a power cut after the rename could leave an empty file under the final name.
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception error)
        {
            TryDelete(temporary);
            if (error is IOException or UnauthorizedAccessException or NotSupportedException)
                throw new CheckpointException(path, "the file cannot be written", "a path in an existing folder that this process may write to", "See the inner exception", error);

            throw;
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The first error matters more than a leftover temporary file.
        }
    }
}
