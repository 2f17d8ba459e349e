using System.Globalization;
using System.Text;
using VaPi.Fuzz.Fields;

namespace VaPi.Fuzz.Mutations;

/// <summary>Writes numbers into fields that readers may trip over: none, the largest, negative, one more or less than what was there.</summary>
internal static class Numbers
{
    private static readonly byte[] Bytes = [0, 1, 2, 0x20, 0x2E, 0x2F, 0x5C, 0x7F, 0x80, 0xFE, 0xFF];

    private static readonly string[] Decimals =
    [
        "0", "-1", "1", "00", "65535", "65536", "16777216", "2147483647", "2147483648", "4294967295", "4294967296", "9007199254740993",
        "9223372036854775807", "9223372036854775808", "18446744073709551615", "-9223372036854775808", "1e308", "1e999", "0.5", "99999999999999999999999999",
    ];

    private static readonly string[] Octals = ["0", "1", "777", "1000", "77777777777", "7777777", "8", "-1", "", "\u0080\0\0\0\u007f", "\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff"];

    /// <summary>A byte that formats tend to give a meaning.</summary>
    public static byte Interesting(Random random) => Bytes[random.Next(Bytes.Length)];

    /// <summary>Changes a field; decimal ones may change their length.</summary>
    public static byte[] Change(byte[] file, Field field, Random random)
    {
        // What was done to the file before may have cut it.
        if (field.Offset > file.Length - field.Length)
            return file;
        switch (field.Kind)
        {
            case FieldKind.Decimal:
                byte[] text = Encoding.ASCII.GetBytes(random.Next(3) == 0 ? Near(file, field, random) : Decimals[random.Next(Decimals.Length)]);
                return [.. file[..field.Offset], .. text, .. file[(field.Offset + field.Length)..]];
            case FieldKind.Octal:
                WriteOctal(file.AsSpan(field.Offset, field.Length), random);
                return file;
            case FieldKind.Code:
                file[field.Offset] = random.Next(3) == 0 ? Interesting(random) : (byte)random.Next(256);
                return file;
            default:
                WriteBinary(file.AsSpan(field.Offset, field.Length), field.Kind == FieldKind.Big, (uint)file.Length, random);
                return file;
        }
    }

    /// <summary>Writes a number into 1 to 8 bytes.</summary>
    public static void WriteBinary(Span<byte> place, bool big, uint fileLength, Random random)
    {
        ulong old = 0;
        for (int i = 0; i < place.Length; i++)
            old |= (ulong)place[big ? place.Length - 1 - i : i] << (8 * i);
        int bits = 8 * place.Length;
        ulong value = random.Next(12) switch
        {
            0 => 0,
            1 => 1,
            2 => ulong.MaxValue,
            3 => (1UL << (bits - 1)) - 1,
            4 => 1UL << (bits - 1),
            5 => old + 1,
            6 => old - 1,
            7 => old * 2,
            8 => fileLength,
            9 => fileLength - (uint)random.Next(64),
            10 => 1UL << random.Next(bits),
            _ => (ulong)random.NextInt64(),
        };
        for (int i = 0; i < place.Length; i++)
            place[big ? place.Length - 1 - i : i] = (byte)(value >> (8 * i));
    }

    private static string Near(byte[] file, Field field, Random random)
    {
        string old = Encoding.ASCII.GetString(file, field.Offset, field.Length);
        return long.TryParse(old, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number < long.MaxValue / 3
            ? (random.Next(4) switch { 0 => number + 1, 1 => number - 1, 2 => number * 2, _ => number / 2 }).ToString(CultureInfo.InvariantCulture)
            : old + "0";
    }

    private static void WriteOctal(Span<byte> place, Random random)
    {
        string digits = random.Next(3) == 0 ? Convert.ToString(random.NextInt64(1L << random.Next(1, 40)), 8) : Octals[random.Next(Octals.Length)];
        place.Fill((byte)(random.Next(2) == 0 ? 0 : ' '));
        byte[] written = Encoding.Latin1.GetBytes(digits);
        written.AsSpan(0, Math.Min(written.Length, place.Length)).CopyTo(place);
    }
}
