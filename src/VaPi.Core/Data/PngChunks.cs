using System.Buffers.Binary;

namespace VaPi.Data;

/// <summary>
/// Takes out of a PNG file what its pixels do not depend on: texts, times, profiles and whatever else may be attached. The decoder
/// would read them all, and for one chunk take time that grows with the square of its length.
/// </summary>
internal static class PngChunks
{
    private const int SignatureLength = 8;
    private const int FrameLength = 12; // length, type and checksum

    // A palette has 768 bytes; no other chunk that is kept has more, except those with the pixels.
    private const int LongestDescription = 1 << 12;

    /// <summary>Moves the chunks that are needed to the front.</summary>
    /// <param name="file">A file that begins as a PNG file does; it is changed.</param>
    /// <returns>How many bytes are left at its beginning. A chunk that the file ends in is left out, unless it holds pixels.</returns>
    public static int KeepNeeded(Span<byte> file)
    {
        int from = SignatureLength;
        int to = SignatureLength;
        while (file.Length - from >= FrameLength)
        {
            long length = BinaryPrimitives.ReadUInt32BigEndian(file[from..]) + (long)FrameLength;
            bool isWhole = length <= file.Length - from;
            int present = isWhole ? (int)length : file.Length - from;
            if (IsNeeded(file.Slice(from + sizeof(uint), sizeof(uint)), present, isWhole))
            {
                file.Slice(from, present).CopyTo(file[to..]);
                to += present;
            }

            from += present;
        }

        return to;
    }

    // A lower-case first letter says that an image can be read without the chunk; of those only transparency shows.
    private static bool IsNeeded(ReadOnlySpan<byte> type, int length, bool isWhole) =>
        type.SequenceEqual("IDAT"u8) || (isWhole && length <= LongestDescription && (type.SequenceEqual("tRNS"u8) || (type[0] & 0x20) == 0));
}
