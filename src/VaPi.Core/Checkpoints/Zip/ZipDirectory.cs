using System.Buffers.Binary;
using System.Text;
using VaPi.Checkpoints.Files;

namespace VaPi.Checkpoints.Zip;

/// <summary>
/// A zip archive's central directory, read strictly. (System.IO.Compression would do for honest files; here the
/// sizes must be known and bounded before anything is inflated, and stored entries are read in place.)
/// </summary>
internal sealed class ZipDirectory
{
    private const int EndLength = 22;
    private const int LocatorLength = 20;
    private const int End64Length = 56;
    private const int EntryLength = 46;
    private const ushort Stored = 0;
    private const ushort Deflated = 8;

    private readonly Dictionary<string, ZipEntryRange> _entries = new(StringComparer.Ordinal);

    private ZipDirectory()
    {
    }

    public IEnumerable<string> Names => _entries.Keys;

    public ZipEntryRange? Find(string name) => _entries.GetValueOrDefault(name);

    public static ZipDirectory Read(CheckpointFile file, AllocationBudget budget)
    {
        var (start, length, count) = Locate(file);
        if (length > CheckpointLimits.DirectoryBytes || count > length / EntryLength)
            throw Damaged(file, $"its central directory claims {count} entries in {length} bytes");

        var bytes = new byte[length];
        file.ReadExactly(start, bytes);
        var directory = new ZipDirectory();
        ReadOnlySpan<byte> rest = bytes;
        for (long i = 0; i < count; i++)
        {
            budget.Charge(200);
            var entry = ReadEntry(file, ref rest, start);
            if (!directory._entries.TryAdd(entry.Name, entry))
                throw file.Refuse($"the entry {CheckpointFile.Quote(entry.Name)} occurs twice", "each entry once");
        }

        return directory;
    }

    private static (long Start, long Length, long Count) Locate(CheckpointFile file)
    {
        // The end record is followed by a comment of at most 65535 bytes, whose length must fit the file's.
        int tailLength = (int)Math.Min(file.Length, EndLength + LocatorLength + ushort.MaxValue);
        var tail = new byte[tailLength];
        file.ReadExactly(file.Length - tailLength, tail);
        int at = tailLength - EndLength;
        while (at >= 0 && !(Int32At(tail, at) == 0x06054b50 && UInt16At(tail, at + 20) == tailLength - at - EndLength))
            at--;

        if (at < 0)
            throw Damaged(file, "it begins like a zip archive and has no end record");

        long endPosition = file.Length - tailLength + at;
        ulong count = UInt16At(tail, at + 10);
        ulong length = UInt32At(tail, at + 12);
        ulong start = UInt32At(tail, at + 16);
        if (at >= LocatorLength && Int32At(tail, at - LocatorLength) == 0x07064b50)
        {
            // Zip64: the real numbers are in a record that the locator points at.
            ulong position = UInt64At(tail, at - LocatorLength + 8);
            endPosition -= LocatorLength;
            if (endPosition < End64Length || position > (ulong)(endPosition - End64Length))
                throw Damaged(file, "its zip64 end record lies outside the file");

            Span<byte> end = stackalloc byte[End64Length];
            file.ReadExactly((long)position, end);
            if (Int32At(end, 0) != 0x06064b50)
                throw Damaged(file, "its zip64 end record is missing");

            endPosition = (long)position;
            count = UInt64At(end, 32);
            length = UInt64At(end, 40);
            start = UInt64At(end, 48);
        }

        if (length > (ulong)endPosition || start > (ulong)endPosition - length || count > int.MaxValue)
            throw Damaged(file, "its central directory lies outside the file");

        return ((long)start, (long)length, (long)count);
    }

    private static ZipEntryRange ReadEntry(CheckpointFile file, ref ReadOnlySpan<byte> rest, long directoryStart)
    {
        if (rest.Length < EntryLength || Int32At(rest, 0) != 0x02014b50)
            throw Damaged(file, "its central directory is broken");

        var head = rest[..EntryLength];
        ushort flags = UInt16At(head, 8);
        ushort method = UInt16At(head, 10);
        int nameLength = UInt16At(head, 28);
        int extraLength = UInt16At(head, 30);
        int total = EntryLength + nameLength + extraLength + UInt16At(head, 32);
        if (total > rest.Length)
            throw Damaged(file, "its central directory is broken");

        var nameBytes = rest.Slice(EntryLength, nameLength);
        string name = Encoding.UTF8.GetString(nameBytes);
        CheckName(file, name);

        ulong compressed = UInt32At(head, 20);
        ulong length = UInt32At(head, 24);
        ulong position = UInt32At(head, 42);
        Widen(file, rest.Slice(EntryLength + nameLength, extraLength), ref length, ref compressed, ref position);
        rest = rest[total..];

        if ((flags & 1) != 0 || method is not (Stored or Deflated) || (method == Stored && length != compressed))
            throw file.Refuse($"the entry {CheckpointFile.Quote(name)} is encrypted or packed in an unusual way", "entries that are stored or deflated", "Save it again with torch.save");

        // The local header has 30 bytes and the name at least.
        ulong room = (ulong)directoryStart;
        ulong local = (ulong)(ZipEntryRange.LocalLength + nameLength);
        if (position > room || compressed > room || position + compressed + local > room)
            throw Damaged(file, $"the entry {CheckpointFile.Quote(name)} lies outside the file");

        if (method == Deflated && length > CheckpointLimits.InflationFloor + (CheckpointLimits.InflationRatio * compressed))
        {
            throw file.Refuse(
                $"the entry {CheckpointFile.Quote(name)} would inflate from {compressed} to {length} bytes",
                $"at most {CheckpointLimits.InflationRatio} times the compressed size",
                "Weights do not compress so far; save it again with torch.save, which does not compress");
        }

        return new ZipEntryRange(file, name, nameBytes.ToArray(), method == Deflated, (long)position, (long)compressed, (long)length, directoryStart);
    }

    // Nothing is ever extracted; a name that would leave its folder is still a sign of a forged archive.
    private static void CheckName(CheckpointFile file, string name)
    {
        bool sound = name.Length > 0 && name[0] != '/' && name.AsSpan().IndexOfAny('\\', ':', '\0') < 0;
        foreach (var segment in name.AsSpan().Split('/'))
            sound &= name.AsSpan(segment) is not ("." or "..");

        if (!sound)
            throw file.Refuse($"it has an entry named {CheckpointFile.Quote(name)}", "relative names without '..', '\\' or ':'");
    }

    // Sizes and positions of 0xFFFFFFFF stand for 64-bit ones in the extra field, in this order.
    private static void Widen(CheckpointFile file, ReadOnlySpan<byte> extra, ref ulong length, ref ulong compressed, ref ulong position)
    {
        while (extra.Length >= 4)
        {
            int size = UInt16At(extra, 2);
            if (size > extra.Length - 4)
                throw Damaged(file, "an entry's extra field is broken");

            if (UInt16At(extra, 0) == 1)
            {
                var wide = extra.Slice(4, size);
                Take(ref wide, ref length);
                Take(ref wide, ref compressed);
                Take(ref wide, ref position);
                return;
            }

            extra = extra[(4 + size)..];
        }

        static void Take(ref ReadOnlySpan<byte> wide, ref ulong value)
        {
            if (value == uint.MaxValue && wide.Length >= 8)
            {
                value = UInt64At(wide, 0);
                wide = wide[8..];
            }
        }
    }

    private static CheckpointException Damaged(CheckpointFile file, string found) => file.Refuse(found, "a complete zip archive as torch.save writes it");

    private static ushort UInt16At(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static int Int32At(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt32LittleEndian(bytes[at..]);

    private static uint UInt32At(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    private static ulong UInt64At(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
}
