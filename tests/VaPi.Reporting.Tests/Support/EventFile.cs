using System.Buffers.Binary;
using System.Text;

namespace VaPi.Reporting.Tests.Support;

/// <summary>Reads event files by the formats' definitions alone, with none of the writer's code.</summary>
internal static class EventFile
{
    /// <summary>The contents of all frames; fails where a checksum is wrong.</summary>
    public static List<byte[]> Frames(byte[] file)
    {
        var frames = new List<byte[]>();
        for (int at = 0; at < file.Length;)
        {
            int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at));
            Check(file.AsSpan(at, 8), file.AsSpan(at + 8));
            byte[] content = file[(at + 12)..(at + 12 + length)];
            Check(content, file.AsSpan(at + 12 + length));
            frames.Add(content);
            at += 16 + length;
        }

        return frames;
    }

    /// <summary>The fields of a message, by number; counted ones as bytes, others as their bits.</summary>
    public static List<(int Field, object Value)> Fields(byte[] message)
    {
        var fields = new List<(int, object)>();
        int at = 0;
        ulong Varint()
        {
            ulong value = 0;
            for (int shift = 0; ; shift += 7)
            {
                byte next = message[at++];
                value |= (ulong)(next & 0x7F) << shift;
                if (next < 0x80)
                    return value;
            }
        }

        while (at < message.Length)
        {
            ulong key = Varint();
            int field = (int)(key >> 3);
            switch (key & 7)
            {
                case 0:
                    fields.Add((field, (long)Varint()));
                    break;
                case 1:
                    fields.Add((field, BinaryPrimitives.ReadDoubleLittleEndian(message.AsSpan(at))));
                    at += 8;
                    break;
                case 2:
                    int length = (int)Varint();
                    fields.Add((field, message[at..(at + length)]));
                    at += length;
                    break;
                case 5:
                    fields.Add((field, BinaryPrimitives.ReadSingleLittleEndian(message.AsSpan(at))));
                    at += 4;
                    break;
                default:
                    throw new InvalidDataException($"Wire type {key & 7}.");
            }
        }

        return fields;
    }

    public static object? Field(byte[] message, int field) => Fields(message).Where(known => known.Field == field).Select(known => known.Value).SingleOrDefault();

    public static string Text(object? bytes) => Encoding.UTF8.GetString((byte[])bytes!);

    /// <summary>CRC-32C bit by bit: the polynomial 0x1EDC6F41 reflected.</summary>
    public static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? crc >> 1 ^ 0x82F63B78 : crc >> 1;
        }

        return ~crc;
    }

    private static void Check(ReadOnlySpan<byte> content, ReadOnlySpan<byte> written)
    {
        uint crc = Crc32C(content);
        uint masked = unchecked((crc >> 15 | crc << 17) + 0xA282EAD8u);
        if (BinaryPrimitives.ReadUInt32LittleEndian(written) != masked)
            throw new InvalidDataException($"The checksum is {BinaryPrimitives.ReadUInt32LittleEndian(written):X8} where {masked:X8} was due.");
    }
}
