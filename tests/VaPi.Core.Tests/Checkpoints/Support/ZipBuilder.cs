using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace VaPi.Tests.Checkpoints.Support;

/// <summary>Writes zip archives entry by entry, with room for lies.</summary>
public sealed class ZipBuilder
{
    private readonly List<byte> _body = [];
    private readonly List<byte> _directory = [];
    private int _count;

    public ZipBuilder Entry(
        string name, byte[] content, bool deflate = false, long? declaredLength = null, uint? position = null, ushort? method = null, ushort flags = 0)
    {
        var packed = deflate ? Deflate(content) : content;
        var nameBytes = Encoding.UTF8.GetBytes(name);
        uint start = position ?? (uint)_body.Count;
        uint length = (uint)(declaredLength ?? content.Length);
        ushort packing = method ?? (ushort)(deflate ? 8 : 0);
        Write(_body, 0x04034b50, 4);
        Write(_body, 0, 4);
        Write(_body, packing, 2);
        Write(_body, 0, 8);
        Write(_body, (uint)packed.Length, 4);
        Write(_body, length, 4);
        Write(_body, (uint)nameBytes.Length, 2);
        Write(_body, 0, 2);
        _body.AddRange(nameBytes);
        _body.AddRange(packed);

        Write(_directory, 0x02014b50, 4);
        Write(_directory, 0, 4);
        Write(_directory, flags, 2);
        Write(_directory, packing, 2);
        Write(_directory, 0, 8);
        Write(_directory, (uint)packed.Length, 4);
        Write(_directory, length, 4);
        Write(_directory, (uint)nameBytes.Length, 2);
        Write(_directory, 0, 12);
        Write(_directory, start, 4);
        _directory.AddRange(nameBytes);
        _count++;
        return this;
    }

    public byte[] End(uint? count = null, uint? directoryLength = null, uint? directoryStart = null, string comment = "")
    {
        List<byte> file = [.. _body, .. _directory];
        Write(file, 0x06054b50, 4);
        Write(file, 0, 4);
        Write(file, count ?? (uint)_count, 2);
        Write(file, count ?? (uint)_count, 2);
        Write(file, directoryLength ?? (uint)_directory.Count, 4);
        Write(file, directoryStart ?? (uint)_body.Count, 4);
        Write(file, (uint)comment.Length, 2);
        file.AddRange(Encoding.ASCII.GetBytes(comment));
        return [.. file];
    }

    private static byte[] Deflate(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var stream = new DeflateStream(packed, CompressionLevel.Optimal))
            stream.Write(content);

        return packed.ToArray();
    }

    private static void Write(List<byte> stream, uint value, int bytes)
    {
        Span<byte> buffer = stackalloc byte[16];
        buffer.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(buffer, value);
        stream.AddRange(buffer[..bytes]);
    }
}
