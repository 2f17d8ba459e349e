namespace VaPi.Fuzz.Fields;

/// <summary>The fields of a tar archive's headers.</summary>
internal static class TarFields
{
    private const int Block = 512;

    private static readonly (int Offset, int Length)[] Numbers = [(100, 8), (108, 8), (116, 8), (124, 12), (136, 12), (148, 8), (329, 8), (337, 8)];

    /// <summary>Whether it begins with a header: of tar's numbers at least the checksum is in its place.</summary>
    public static bool IsTar(byte[] file) => file.Length >= 2 * Block && file.Length % Block == 0 && IsHeader(file.AsSpan(0, Block));

    public static void Find(byte[] file, List<Field> fields)
    {
        for (int at = 0; at + Block <= file.Length; at += Block)
        {
            if (!IsHeader(file.AsSpan(at, Block)))
                continue;
            foreach ((int offset, int length) in Numbers)
                fields.Add(new Field(at + offset, length, FieldKind.Octal));
            fields.Add(new Field(at, 1, FieldKind.Code));
            fields.Add(new Field(at + 156, 1, FieldKind.Code));
            fields.Add(new Field(at + 257, 1, FieldKind.Code));
            fields.Add(new Field(at + 345, 1, FieldKind.Code));
        }
    }

    /// <summary>Whether a block looks like a header, be its checksum right or wrong.</summary>
    public static bool IsHeader(ReadOnlySpan<byte> block) =>
        block[0] != 0 && block.Slice(148, 6).IndexOfAnyExceptInRange((byte)'0', (byte)'7') < 0 && block[154] is 0 or (byte)' ';
}
