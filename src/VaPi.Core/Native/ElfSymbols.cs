using System.Buffers.Binary;
using System.Text;

namespace VaPi.Native;

/// <summary>What a shared library for Linux (ELF, 64 bits, little-endian) expects others to have.</summary>
internal static class ElfSymbols
{
    private const int DynamicSymbols = 11;
    private const int Global = 1;
    private static readonly byte[] s_start = [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1];

    /// <summary>The names of the symbols that it uses and does not define, without those that it can do without.</summary>
    /// <returns>Nothing where the file is no such library.</returns>
    public static IReadOnlyList<string> Undefined(ReadOnlySpan<byte> file)
    {
        if (file.Length < 64 || !file.StartsWith(s_start))
            return [];
        try
        {
            return Read(file);
        }
        catch (ArgumentOutOfRangeException)
        {
            return []; // An offset leads outside: the loader will say what it thinks of the file.
        }
    }

    private static List<string> Read(ReadOnlySpan<byte> file)
    {
        var names = new List<string>();
        int size = Int16(file, 58), count = Int16(file, 60);
        long table = Int64(file, 40);
        for (int index = 0; index < count; index++)
        {
            ReadOnlySpan<byte> header = Slice(file, table + (long)index * size, 64);
            if (Int32(header, 4) != DynamicSymbols)
                continue;
            ReadOnlySpan<byte> symbols = Slice(file, Int64(header, 24), Int64(header, 32));
            ReadOnlySpan<byte> stringsHeader = Slice(file, table + (long)Int32(header, 40) * size, 64);
            ReadOnlySpan<byte> strings = Slice(file, Int64(stringsHeader, 24), Int64(stringsHeader, 32));
            for (; symbols.Length >= 24; symbols = symbols[24..])
            {
                bool isDefined = Int16(symbols, 6) != 0;
                if (!isDefined && symbols[4] >> 4 == Global)
                    names.Add(Text(Slice(strings, Int32(symbols, 0), strings.Length - Int32(symbols, 0))));
            }
        }

        return names;
    }

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        return Encoding.ASCII.GetString(end < 0 ? bytes : bytes[..end]);
    }

    private static ReadOnlySpan<byte> Slice(ReadOnlySpan<byte> file, long start, long length) =>
        start >= 0 && length >= 0 && start <= file.Length && length <= file.Length - start
            ? file.Slice((int)start, (int)length)
            : throw new ArgumentOutOfRangeException(nameof(start));

    private static int Int16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private static int Int32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt32LittleEndian(bytes[at..]);

    private static long Int64(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]);
}
