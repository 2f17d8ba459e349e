using System.Security.Cryptography;

namespace VaPi.Alignment.Runs;

/// <summary>
/// Lines that a run appends, and cuts off again when it goes on from an earlier point. Lines that the disk has no room for wait
/// in memory.
/// </summary>
internal sealed class MetricsFile : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly Queue<byte[]> _waiting = new();
    private FileStream _stream;

    /// <exception cref="IOException">The file cannot be opened.</exception>
    public MetricsFile(string path)
    {
        Path = path;
        _stream = Open(path);
    }

    public string Path { get; }

    /// <summary>The bytes of all lines, those that wait included, from where the file began to be this run's.</summary>
    public long Length { get; private set; }

    /// <summary>The SHA-256 of those bytes.</summary>
    public string Checksum => Convert.ToHexStringLower(_hash.GetCurrentHash());

    /// <summary>Called before a line is written.</summary>
    internal Action? Writing { get; set; }

    /// <summary>Cuts off what comes after the first bytes, if those are as they were written.</summary>
    /// <param name="length">The bytes to keep.</param>
    /// <param name="checksum">Their SHA-256.</param>
    /// <returns>Where a file with other content was moved, which is then empty; null if all is well.</returns>
    public string? CutTo(long length, string checksum)
    {
        if (_stream.Length >= length && ReadInto(_hash, length) && Checksum == checksum)
        {
            _stream.SetLength(length);
            Length = length;
            return null;
        }

        _ = _hash.GetHashAndReset();
        _stream.Dispose();
        string aside = Beside(Path);
        File.Move(Path, aside);
        _stream = Open(Path);
        return aside;
    }

    /// <summary>Adds a line, and writes all that wait.</summary>
    /// <exception cref="IOException">The line waits with those before it: the disk is full.</exception>
    public void Append(byte[] line)
    {
        _hash.AppendData(line);
        Length += line.Length;
        _waiting.Enqueue(line);
        WriteWaiting();
    }

    /// <summary>Sees to it that all lines are on disk.</summary>
    /// <exception cref="IOException">They are not.</exception>
    public void Flush()
    {
        WriteWaiting();
        _stream.Flush(flushToDisk: true);
    }

    public void Dispose()
    {
        _stream.Dispose();
        _hash.Dispose();
    }

    private static string Beside(string path)
    {
        string folder = System.IO.Path.GetDirectoryName(path)!;
        string name = System.IO.Path.GetFileNameWithoutExtension(path);
        return Enumerable.Range(1, int.MaxValue)
            .Select(number => System.IO.Path.Combine(folder, $"{name}.foreign-{number}{System.IO.Path.GetExtension(path)}"))
            .First(candidate => !File.Exists(candidate));
    }

    // Without a buffer: what Append has returned from the system has, and a killed process loses none of it.
    private static FileStream Open(string path) => new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);

    private bool ReadInto(IncrementalHash hash, long length)
    {
        byte[] buffer = new byte[1 << 16];
        _stream.Position = 0;
        for (long left = length; left > 0;)
        {
            int read = _stream.Read(buffer, 0, (int)Math.Min(left, buffer.Length));
            if (read == 0)
                return false;
            hash.AppendData(buffer, 0, read);
            left -= read;
        }

        return true;
    }

    private void WriteWaiting()
    {
        while (_waiting.TryPeek(out byte[]? line))
        {
            long before = _stream.Length;
            try
            {
                Writing?.Invoke();
                _stream.Position = before;
                _stream.Write(line);
            }
            catch (IOException)
            {
                _stream.SetLength(before); // no half line
                throw;
            }

            _waiting.Dequeue();
        }
    }
}
