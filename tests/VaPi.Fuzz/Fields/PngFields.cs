namespace VaPi.Fuzz.Fields;

/// <summary>The lengths and kinds of a PNG file's chunks, and what its header says.</summary>
internal static class PngFields
{
    public static void Find(byte[] file, List<Field> fields)
    {
        foreach ((int at, int length) in Chunks(file))
        {
            fields.Add(new Field(at, 4, FieldKind.Big));
            fields.Add(new Field(at + 4, 1, FieldKind.Code));
            if (file.AsSpan(at + 4, 4).SequenceEqual("IHDR"u8) && length >= 13)
            {
                fields.Add(new Field(at + 8, 4, FieldKind.Big));
                fields.Add(new Field(at + 12, 4, FieldKind.Big));
                for (int code = 16; code < 21; code++)
                    fields.Add(new Field(at + code, 1, FieldKind.Code));
            }
        }
    }

    /// <summary>Where the chunks begin that lie in the file whole, and how long their data is.</summary>
    public static IEnumerable<(int At, int Length)> Chunks(byte[] file)
    {
        int at = 8;
        while (FileFields.Number(file, at, 4, big: true) is { } length && length <= file.Length - at - 12)
        {
            yield return (at, (int)length);
            at += (int)length + 12;
        }
    }
}
