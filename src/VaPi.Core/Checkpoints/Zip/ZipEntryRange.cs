using System.Buffers.Binary;
using VaPi.Checkpoints.Files;

namespace VaPi.Checkpoints.Zip;

/// <summary>One entry of a zip archive. Its local header is looked at when it is opened, not before.</summary>
internal sealed class ZipEntryRange(
    CheckpointFile file, string name, byte[] nameBytes, bool deflated, long position, long compressedLength, long length, long limit)
    : ByteRange(length)
{
    public const int LocalLength = 30;

    public string Name => name;

    public override IByteReader Open()
    {
        long start = DataStart();
        return deflated
            ? new InflatingReader(file, start, compressedLength, Length)
            : new FileRange(file, start, Length);
    }

    // The local name must be the directory's: entries that share one header are how zip bombs overlap their data.
    private long DataStart()
    {
        var local = new byte[LocalLength + nameBytes.Length];
        file.ReadExactly(position, local);
        var head = local.AsSpan();
        int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(head[26..]);
        long start = position + LocalLength + nameLength + BinaryPrimitives.ReadUInt16LittleEndian(head[28..]);
        if (!head.StartsWith("PK\x03\x04"u8) || nameLength != nameBytes.Length || !head[LocalLength..].SequenceEqual(nameBytes)
            || start > limit - compressedLength)
        {
            throw file.Refuse(
                $"the entry {CheckpointFile.Quote(name)} is not where the archive's directory says", "an archive whose directory and entries agree");
        }

        return start;
    }
}
