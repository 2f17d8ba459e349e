using System.Buffers.Binary;
using VaPi.Fuzz.Fields;
using VaPi.Tests.Data;

namespace VaPi.Fuzz.Mutations;

/// <summary>Sets checksums right after a change, so that a reader meets the change and not the checksum.</summary>
internal static class Repair
{
    private const int TarBlock = 512;

    public static void Checksums(byte[] file)
    {
        if (file.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G']))
            Png(file);
        else if (file.Length >= TarBlock && TarFields.IsHeader(file.AsSpan(0, TarBlock)))
            Tar(file);
    }

    private static void Png(byte[] file)
    {
        foreach ((int at, int length) in PngFields.Chunks(file))
            BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(at + 8 + length), TestImages.Crc(file.AsSpan(at + 4, length + 4)));
    }

    private static void Tar(byte[] file)
    {
        for (int at = 0; at + TarBlock <= file.Length; at += TarBlock)
        {
            if (TarFields.IsHeader(file.AsSpan(at, TarBlock)))
                TarFiles.SetChecksum(file, at);
        }
    }
}
