using System.Buffers.Text;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace VaPi.Data;

/// <summary>
/// Finds the files in a tar archive (v7, ustar, GNU and pax) by reading its headers alone. Unlike the platform's reader it
/// takes no memory that a header merely claims, and keeps nothing of what it has passed.
/// </summary>
internal sealed class TarScan : IDisposable
{
    private const int BlockBytes = 512;
    private const int LongestExtension = 1 << 16;
    private const int ChecksumOffset = 148;
    private const int ChecksumLength = 8;

    private readonly byte[] _block = new byte[BlockBytes];
    private readonly SafeFileHandle _handle;
    private readonly long _length;
    private readonly string _path;
    private long _position;

    private TarScan(string path)
    {
        _path = path;
        _handle = File.OpenHandle(path);
        _length = RandomAccess.GetLength(_handle);
    }

    /// <summary>
    /// The regular files of an archive, in its order. Folders, links and devices are passed over. Nothing is ever written, so
    /// names may be anything.
    /// </summary>
    /// <exception cref="ImageDataException">The archive is damaged or cut off, or holds sparse files; the message says where.</exception>
    public static IEnumerable<TarMember> Members(string path)
    {
        using var scan = new TarScan(path);
        while (scan.Next() is { } member)
            yield return member;
    }

    public void Dispose() => _handle.Dispose();

    private TarMember? Next()
    {
        (string? longName, long? largeSize) = (null, null);
        while (ReadHeader())
        {
            char type = (char)_block[156];
            switch (type)
            {
                case 'L': // GNU: the next member's name
                    longName = Text(Extension());
                    continue;
                case 'x' or 'X': // pax: the next member's name, size and other attributes
                    (longName, largeSize) = Attributes(Extension(), longName, largeSize);
                    continue;
                case 'g' or 'K': // attributes of the archive; the target of the next link
                    Skip(HeaderSize());
                    continue;
                case '1' or '2' or '3' or '4' or '5' or '6': // links, devices, folders and pipes have no content, whatever their size
                    (longName, largeSize) = (null, null);
                    continue;
                case 'S':
                    throw Refuse("holds a sparse file", "Make it without --sparse");
            }

            string name = longName ?? HeaderName();
            long start = _position;
            long size = largeSize ?? HeaderSize();
            Skip(size);
            (longName, largeSize) = (null, null);
            if (type is '0' or '\0' or '7' && !name.EndsWith('/'))
                return new TarMember(name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name, start, size);
        }

        return null;
    }

    /// <summary>Goes to the next header; false at the end of the archive.</summary>
    private bool ReadHeader()
    {
        // Some archives end without the two empty blocks that should close them, but none in the middle of a block.
        if (_position == _length)
            return false;
        ReadExactly(_block);
        if (_block.AsSpan().IndexOfAnyExcept((byte)0) < 0)
            return false;

        // Old archives added the bytes up as signed ones.
        (long unsigned, long signed) = (0, 0);
        for (int i = 0; i < BlockBytes; i++)
        {
            byte value = i is >= ChecksumOffset and < ChecksumOffset + ChecksumLength ? (byte)' ' : _block[i];
            unsigned += value;
            signed += (sbyte)value;
        }

        long checksum = Octal(_block.AsSpan(ChecksumOffset, ChecksumLength));
        if (checksum != unsigned && checksum != signed)
            throw Refuse("has a header whose checksum is wrong", "Fetch it again; a compressed archive must be unpacked first");
        return true;
    }

    private string HeaderName()
    {
        string name = Text(_block.AsSpan(0, 100));
        bool hasPrefix = _block.AsSpan(257, 6).SequenceEqual("ustar\0"u8);
        string prefix = hasPrefix ? Text(_block.AsSpan(345, 155)) : "";
        return prefix.Length > 0 ? $"{prefix}/{name}" : name;
    }

    private long HeaderSize()
    {
        ReadOnlySpan<byte> field = _block.AsSpan(124, 12);
        if ((field[0] & 0x80) == 0)
            return Octal(field);

        // GNU: a size that octal digits cannot hold, as a binary number.
        long size = field[0] & 0x7F;
        foreach (byte value in field[1..])
        {
            if (size > long.MaxValue >> 8)
                throw Refuse("has a member whose size is negative or beyond all bounds", "Fetch it again");
            size = (size << 8) | value;
        }

        return size;
    }

    private long Octal(ReadOnlySpan<byte> field)
    {
        long value = 0;
        field = field.Trim(" \0"u8);
        foreach (byte digit in field)
        {
            if (digit is < (byte)'0' or > (byte)'7')
                throw Refuse("has a header with a number that is none", "Fetch it again; a compressed archive must be unpacked first");
            value = (value << 3) | (uint)(digit - '0');
        }

        return value; // at most 12 digits of 3 bits
    }

    /// <summary>The content of a member that says more of the next one.</summary>
    private byte[] Extension()
    {
        long size = HeaderSize();
        if (size > LongestExtension)
            throw Refuse($"has {size} bytes of attributes for one member, where at most {LongestExtension} are read", "Make it again with fewer");
        byte[] content = new byte[size];
        ReadExactly(content);
        _position = NextBlock(_position);
        return content;
    }

    // Records of "length key=value\n", the length that of the whole record.
    private (string? Name, long? Size) Attributes(ReadOnlySpan<byte> records, string? name, long? size)
    {
        while (!records.IsEmpty)
        {
            if (!Utf8Parser.TryParse(records, out int length, out int digits) || length <= digits + 1 || length > records.Length)
                throw Unparsed();
            ReadOnlySpan<byte> record = records[(digits + 1)..length].TrimEnd((byte)'\n');
            int equals = record.IndexOf((byte)'=');
            if (equals < 0)
                throw Unparsed();
            ReadOnlySpan<byte> key = record[..equals];
            ReadOnlySpan<byte> value = record[(equals + 1)..];
            if (key.StartsWith("GNU.sparse"u8))
                throw Refuse("holds a sparse file", "Make it without --sparse");
            if (key.SequenceEqual("path"u8))
                name = Text(value);
            else if (key.SequenceEqual("size"u8))
                size = Utf8Parser.TryParse(value, out long number, out int used) && used == value.Length && number >= 0 ? number : throw Unparsed();
            records = records[length..];
        }

        return (name, size);
    }

    private void Skip(long size)
    {
        if (size > _length - _position)
            throw Refuse($"has a member of {size} bytes where {_length - _position} are left", "It is cut off or damaged: fetch it again");
        _position = NextBlock(_position + size);
    }

    private void ReadExactly(Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int read = RandomAccess.Read(_handle, buffer, _position);
            if (read == 0)
                throw Refuse("ends in the middle of a member", "It is cut off: fetch it again");
            _position += read;
            buffer = buffer[read..];
        }
    }

    private static long NextBlock(long position) => (position + BlockBytes - 1) / BlockBytes * BlockBytes;

    private static string Text(ReadOnlySpan<byte> field)
    {
        int end = field.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? field : field[..end]);
    }

    private ImageDataException Unparsed() => Refuse("has attributes of a member that do not parse", "Fetch it again");

    private ImageDataException Refuse(string what, string remedy) => new($"The archive '{_path}' {what}, at byte {_position}. {remedy}.", _path);
}
