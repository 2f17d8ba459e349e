using System.Buffers.Binary;
using System.Text;
using VaPi.Checkpoints.Files;

namespace VaPi.Checkpoints.Pickle;

/// <summary>Reads a pickle's bytes through a small buffer and knows exactly how far it has come.</summary>
internal sealed class PickleInput(CheckpointFile file, Stream stream)
{
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    private readonly byte[] _buffer = new byte[1 << 16];
    private int _next;
    private int _filled;

    /// <summary>Bytes taken so far.</summary>
    public long Position { get; private set; }

    public byte Byte() => Take(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public double Double() => BinaryPrimitives.ReadDoubleBigEndian(Take(8));

    public long Length8()
    {
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
        return length <= CheckpointLimits.PickleBytes ? (long)length : throw TooLong();
    }

    public int Length4()
    {
        int length = Int32();
        return length is >= 0 and <= (int)CheckpointLimits.PickleBytes ? length : throw TooLong();
    }

    /// <summary>The next bytes, valid until the next call; at most the buffer's length.</summary>
    public ReadOnlySpan<byte> Take(int count)
    {
        if (_filled - _next < count)
            Refill(count);

        var taken = _buffer.AsSpan(_next, count);
        _next += count;
        Position += count;
        return taken;
    }

    public void Skip(long count)
    {
        while (count > 0)
        {
            int step = (int)Math.Min(count, _buffer.Length);
            Take(step);
            count -= step;
        }
    }

    /// <summary>Text of Python 3, or bytes of Python 2, where only ASCII is sure: what is not UTF-8 is taken for Latin-1.</summary>
    public string Text(int length)
    {
        var bytes = Take(length);
        try
        {
            return Utf8.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return Encoding.Latin1.GetString(bytes);
        }
    }

    /// <summary>A line of a GLOBAL operation.</summary>
    public string Line()
    {
        var line = new StringBuilder();
        for (byte next = Byte(); next != (byte)'\n'; next = Byte())
        {
            if (line.Length == 256)
                throw file.Refuse("its pickle names a global of more than 256 characters", "names of modules and classes");

            line.Append((char)next);
        }

        return line.ToString();
    }

    private void Refill(int count)
    {
        _buffer.AsSpan(_next, _filled - _next).CopyTo(_buffer);
        _filled -= _next;
        _next = 0;
        while (_filled < count)
        {
            int read;
            try
            {
                read = stream.Read(_buffer.AsSpan(_filled));
            }
            catch (InvalidDataException error)
            {
                throw file.Refuse("its compressed pickle does not decompress", "a sound archive", inner: error);
            }

            if (read == 0)
                throw file.Refuse("its pickle ends before it is complete", "a complete file");

            _filled += read;
        }
    }

    private CheckpointException TooLong() =>
        file.Refuse("a value in its pickle is longer than the pickle may be", $"pickles of at most {CheckpointLimits.PickleBytes >> 20} MB");
}
