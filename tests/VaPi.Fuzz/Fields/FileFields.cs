using System.Buffers.Binary;

namespace VaPi.Fuzz.Fields;

/// <summary>Finds the fields of a file, or of a part of one, by what it begins with.</summary>
internal static class FileFields
{
    private const int MostDecimals = 2000;

    // What is looked at: descriptions lie at the ends of large files.
    private const int Window = 1 << 16;

    public static List<Field> Of(byte[] file)
    {
        var fields = new List<Field>();
        if (file.AsSpan().StartsWith("PK"u8))
            ZipFields.Find(file, fields);
        else if (file.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G']))
            PngFields.Find(file, fields);
        else if (file.AsSpan().StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8]))
            JpegFields.Find(file, fields);
        else if (file.AsSpan().StartsWith("RIFF"u8))
            RiffFields.Find(file, fields);
        else if (file.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x93, (byte)'N']))
            Numpy(file, fields);
        else if (file.Length > 1 && file[0] == 0x80 && file[1] <= 5)
            PickleFields.Find(file, fields);
        else if (TarFields.IsTar(file))
            TarFields.Find(file, fields);
        else if (file.Length > 8 && file[8] == '{')
            fields.Add(new Field(0, sizeof(ulong), FieldKind.Little));
        Decimals(file, fields);
        return fields;
    }

    /// <summary>A number at a place, or null where the file has too few bytes.</summary>
    public static long? Number(byte[] file, int offset, int length, bool big)
    {
        if (offset < 0 || offset > file.Length - length)
            return null;
        ReadOnlySpan<byte> bytes = file.AsSpan(offset, length);
        return length switch
        {
            2 => big ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            4 => big ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            _ => null,
        };
    }

    // The signature, two bytes of version, the header's length.
    private static void Numpy(byte[] file, List<Field> fields)
    {
        fields.Add(new Field(6, 1, FieldKind.Code));
        fields.Add(new Field(7, 1, FieldKind.Code));
        fields.Add(new Field(8, file.Length > 6 && file[6] == 1 ? 2 : 4, FieldKind.Little));
    }

    private static void Decimals(byte[] file, List<Field> fields)
    {
        int end = Math.Min(file.Length, Window);
        for (int start = 0; start < end && fields.Count < MostDecimals; start++)
        {
            int length = 0;
            while (start + length < end && char.IsAsciiDigit((char)file[start + length]))
                length++;
            if (length > 0)
                fields.Add(new Field(start, length, FieldKind.Decimal));
            start += length;
        }
    }
}
