using System.Formats.Tar;

namespace VaPi.Tests.Data;

/// <summary>Tar archives, written by the platform's writer.</summary>
internal static class TarFiles
{
    public static byte[] Of(TarEntryFormat format, params (string Name, byte[] Content)[] members) =>
        Of(writer =>
        {
            foreach ((string name, byte[] content) in members)
                writer.WriteEntry(Entry(format, name, content));
        });

    public static byte[] Of(Action<TarWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new TarWriter(stream, leaveOpen: true))
            write(writer);
        return stream.ToArray();
    }

    public static TarEntry Entry(TarEntryFormat format, string name, byte[] content)
    {
        var stream = new MemoryStream(content);
        return format switch
        {
            TarEntryFormat.V7 => new V7TarEntry(TarEntryType.V7RegularFile, name) { DataStream = stream },
            TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = stream },
            TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, name) { DataStream = stream },
            _ => new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = stream },
        };
    }

    /// <summary>Sets a header's checksum to what its bytes add up to.</summary>
    public static void SetChecksum(byte[] archive, int header)
    {
        Span<byte> field = archive.AsSpan(header + 148, 8);
        field.Fill((byte)' ');
        int sum = 0;
        foreach (byte value in archive.AsSpan(header, 512))
            sum += value;
        for (int digit = 5; digit >= 0; digit--, sum >>= 3)
            field[digit] = (byte)('0' + (sum & 7));
        field[6] = 0;
    }
}
