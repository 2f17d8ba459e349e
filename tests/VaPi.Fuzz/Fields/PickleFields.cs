namespace VaPi.Fuzz.Fields;

/// <summary>The operations of a pickle, or of several after each other, and their arguments.</summary>
internal static class PickleFields
{
    public static void Find(byte[] file, List<Field> fields)
    {
        int at = 0;
        while (at < file.Length)
        {
            byte code = file[at];
            fields.Add(new Field(at, 1, FieldKind.Code));
            at++;
            int number = NumberOf(code);
            if (number > 0 && at + number <= file.Length)
                fields.Add(new Field(at, number, FieldKind.Little));
            long text = code switch
            {
                (byte)'X' or (byte)'T' or (byte)'B' => FileFields.Number(file, at, 4, big: false) ?? 0,
                (byte)'U' or 0x8c or (byte)'C' or 0x8a => at < file.Length ? file[at] : 0,
                (byte)'c' => LinesFrom(file, at, 2),
                _ => 0,
            };
            if (text > file.Length)
                return;
            if (code == 0x8a && text is > 0 and <= 8 && at + 1 + text <= file.Length)
                fields.Add(new Field(at + 1, (int)text, FieldKind.Little));
            at += number + (int)text;
        }
    }

    private static int NumberOf(byte code) => code switch
    {
        0x80 or (byte)'K' or (byte)'h' or (byte)'q' or (byte)'U' or 0x8c or (byte)'C' or 0x8a => 1,
        (byte)'M' => 2,
        (byte)'J' or (byte)'X' or (byte)'T' or (byte)'B' or (byte)'r' or (byte)'j' => 4,
        (byte)'G' or 0x8d or 0x8e or 0x95 => 8,
        _ => 0,
    };

    private static int LinesFrom(byte[] file, int at, int lines)
    {
        int end = at;
        for (int line = 0; line < lines; line++)
        {
            int length = file.AsSpan(end).IndexOf((byte)'\n');
            if (length < 0)
                return file.Length - at;
            end += length + 1;
        }

        return end - at;
    }
}
