namespace VaPi.Checkpoints.Files;

/// <summary>A file that is there whole or not at all: written under a temporary name, and renamed when all is on disk.</summary>
internal sealed class AtomicFile : IDisposable
{
    private readonly string _path;
    private readonly string _temporary;
    private FileStream? _stream;

    /// <param name="path">The file to write or replace.</param>
    /// <exception cref="CheckpointException">The file cannot be written.</exception>
    public AtomicFile(string path)
    {
        _path = path;
        _temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            _stream = new FileStream(_temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
        }
        catch (Exception error) when (IsOfFile(error))
        {
            throw NotWritten(error);
        }
    }

    /// <summary>Writes a file as a whole.</summary>
    /// <param name="path">The file to write or replace.</param>
    /// <param name="write">Writes it, front to back or not.</param>
    /// <exception cref="CheckpointException">The file cannot be written.</exception>
    public static void Write(string path, Action<FileStream> write)
    {
        using var file = new AtomicFile(path);
        file.Write(write);
        file.Commit();
    }

    /// <summary>Writes a part of it.</summary>
    /// <exception cref="CheckpointException">The file cannot be written.</exception>
    public void Write(Action<FileStream> write)
    {
        ObjectDisposedException.ThrowIf(_stream is null, this);
        try
        {
            write(_stream);
        }
        catch (Exception error) when (IsOfFile(error))
        {
            throw NotWritten(error);
        }
    }

    /// <summary>Puts what has been written in the file's place. Without it nothing stays.</summary>
    /// <exception cref="CheckpointException">The file cannot be written.</exception>
    public void Commit()
    {
        // Without the flush, a power cut after the rename could leave an empty file under the final name.
        Write(stream => stream.Flush(flushToDisk: true));
        Write(stream => stream.Dispose());
        Write(_ => File.Move(_temporary, _path, overwrite: true));
        _stream = null;
    }

    public void Dispose()
    {
        if (_stream is null)
            return;
        try
        {
            _stream.Dispose();
            File.Delete(_temporary);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The error that led here matters more than a leftover temporary file.
        }
    }

    private static bool IsOfFile(Exception error) => error is IOException or UnauthorizedAccessException or NotSupportedException;

    private CheckpointException NotWritten(Exception error) =>
        new(_path, "the file cannot be written", "a path in an existing folder that this process may write to", "See the inner exception", error);
}
