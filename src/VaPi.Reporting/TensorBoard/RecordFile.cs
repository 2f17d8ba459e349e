using System.Buffers.Binary;
using System.Numerics;

namespace VaPi.Reporting.TensorBoard;

/// <summary>
/// The frames of TensorFlow's record files: the length (8 bytes, little-endian) and its checksum, then the content and its
/// checksum. Checksums are CRC-32C, rotated and offset so that the checksum of something that holds checksums is not degenerate.
/// </summary>
internal static class RecordFile
{
    private const uint MaskOffset = 0xA282EAD8;

    /// <summary>The Castagnoli checksum of bytes.</summary>
    public static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte value in bytes)
            crc = BitOperations.Crc32C(crc, value);
        return ~crc;
    }

    /// <summary>The checksum as frames hold it.</summary>
    public static uint Masked(uint crc) => BitOperations.RotateRight(crc, 15) + MaskOffset;

    /// <summary>Writes one frame.</summary>
    public static void Write(Stream stream, ReadOnlySpan<byte> content)
    {
        Span<byte> head = stackalloc byte[12];
        BinaryPrimitives.WriteUInt64LittleEndian(head, (ulong)content.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[8..], Masked(Crc32C(head[..8])));
        Span<byte> foot = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(foot, Masked(Crc32C(content)));
        stream.Write(head);
        stream.Write(content);
        stream.Write(foot);
    }
}
