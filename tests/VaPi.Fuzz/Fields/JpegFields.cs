namespace VaPi.Fuzz.Fields;

/// <summary>The kinds and lengths of a JPEG file's segments, and what its frame and scan headers say.</summary>
internal static class JpegFields
{
    public static void Find(byte[] file, List<Field> fields)
    {
        int at = 2;
        while (at + 4 <= file.Length && file[at] == 0xFF)
        {
            byte marker = file[at + 1];
            int length = (int)FileFields.Number(file, at + 2, 2, big: true)!;
            fields.Add(new Field(at + 1, 1, FieldKind.Code));
            fields.Add(new Field(at + 2, 2, FieldKind.Big));
            bool isFrame = marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);
            int described = Math.Min(isFrame || marker is 0xDA or 0xC4 or 0xDB or 0xDD ? length - 2 : 0, Math.Min(20, file.Length - at - 4));
            for (int i = 0; i < described; i++)
                fields.Add(new Field(at + 4 + i, 1, FieldKind.Code));
            if (isFrame && described >= 5)
            {
                fields.Add(new Field(at + 5, 2, FieldKind.Big));
                fields.Add(new Field(at + 7, 2, FieldKind.Big));
            }

            // After a scan's header come its bits, up to the next marker.
            at += 2 + Math.Max(2, length);
            while (marker == 0xDA && at + 1 < file.Length && !(file[at] == 0xFF && file[at + 1] is not (0 or (>= 0xD0 and <= 0xD7))))
                at++;
        }
    }
}
