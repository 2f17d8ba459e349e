namespace VaPi.Fuzz.Fields;

/// <summary>The fields of a zip archive: of local headers, of the central directory, and of the records at its end.</summary>
internal static class ZipFields
{
    private static readonly (int Offset, int Length)[] Local = [(4, 2), (6, 2), (8, 2), (14, 4), (18, 4), (22, 4), (26, 2), (28, 2)];
    private static readonly (int Offset, int Length)[] Central = [(8, 2), (10, 2), (16, 4), (20, 4), (24, 4), (28, 2), (30, 2), (32, 2), (34, 2), (42, 4)];
    private static readonly (int Offset, int Length)[] End = [(4, 2), (6, 2), (8, 2), (10, 2), (12, 4), (16, 4), (20, 2)];
    private static readonly (int Offset, int Length)[] End64 = [(4, 8), (24, 8), (32, 8), (40, 8), (48, 8)];
    private static readonly (int Offset, int Length)[] Locator = [(4, 4), (8, 8), (16, 4)];

    public static void Find(byte[] file, List<Field> fields)
    {
        for (int at = 0; at < file.Length - 4; at++)
        {
            if (file[at] != 'P' || file[at + 1] != 'K')
                continue;
            (int, int)[] record = (file[at + 2], file[at + 3]) switch
            {
                (3, 4) => Local,
                (1, 2) => Central,
                (5, 6) => End,
                (6, 6) => End64,
                (6, 7) => Locator,
                _ => [],
            };
            foreach ((int offset, int length) in record)
            {
                if (at + offset + length <= file.Length)
                    fields.Add(new Field(at + offset, length, FieldKind.Little));
            }
        }
    }
}
