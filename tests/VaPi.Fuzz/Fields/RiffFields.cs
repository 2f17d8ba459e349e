namespace VaPi.Fuzz.Fields;

/// <summary>The lengths of a WebP file's chunks, and the first bytes of each, which say how large the picture is.</summary>
internal static class RiffFields
{
    private const int Described = 30;

    public static void Find(byte[] file, List<Field> fields)
    {
        fields.Add(new Field(4, 4, FieldKind.Little));
        int at = 12;
        while (FileFields.Number(file, at + 4, 4, big: false) is { } length)
        {
            fields.Add(new Field(at, 1, FieldKind.Code));
            fields.Add(new Field(at + 3, 1, FieldKind.Code));
            fields.Add(new Field(at + 4, 4, FieldKind.Little));
            int start = at + 8;
            for (int i = 0; i < Math.Min(Math.Min(length, Described), file.Length - start - 4); i++)
            {
                fields.Add(new Field(start + i, 1, FieldKind.Code));
                if (i % 2 == 0)
                    fields.Add(new Field(start + i, 2, FieldKind.Little));
            }

            if (length > file.Length - start)
                return;
            at = start + (int)((length + 1) & ~1L);
        }
    }
}
