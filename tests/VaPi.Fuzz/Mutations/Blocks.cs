namespace VaPi.Fuzz.Mutations;

/// <summary>Cuts, repeats, exchanges and mixes pieces of files.</summary>
internal static class Blocks
{
    private const int LongestExtension = 4096;

    public static byte[] Truncated(byte[] file, Random random) => file[..random.Next(file.Length + 1)];

    public static byte[] Extended(byte[] file, Random random)
    {
        byte[] more = new byte[random.Next(1, random.Next(8) == 0 ? LongestExtension : 32)];
        if (random.Next(2) == 0)
            random.NextBytes(more);
        else
            Array.Fill(more, Numbers.Interesting(random));
        return [.. file, .. more];
    }

    public static byte[] Removed(byte[] file, Random random)
    {
        (int start, int length) = Piece(file, random);
        return [.. file[..start], .. file[(start + length)..]];
    }

    public static byte[] Repeated(byte[] file, Random random)
    {
        (int start, int length) = Piece(file, random);
        return [.. file[..(start + length)], .. file[start..]];
    }

    /// <summary>A piece goes to another place.</summary>
    public static byte[] Moved(byte[] file, Random random)
    {
        (int start, int length) = Piece(file, random);
        byte[] piece = file[start..(start + length)];
        byte[] rest = [.. file[..start], .. file[(start + length)..]];
        int at = random.Next(rest.Length + 1);
        return [.. rest[..at], .. piece, .. rest[at..]];
    }

    /// <summary>A piece is filled with one byte.</summary>
    public static byte[] Filled(byte[] file, Random random)
    {
        (int start, int length) = Piece(file, random);
        file.AsSpan(start, length).Fill(Numbers.Interesting(random));
        return file;
    }

    /// <summary>The beginning of one file and the end of another.</summary>
    public static byte[] Spliced(byte[] file, byte[] other, Random random)
    {
        int cut = random.Next(file.Length + 1);
        int from = random.Next(2) == 0 ? Math.Min(cut, other.Length) : random.Next(other.Length + 1);
        return [.. file[..cut], .. other[from..]];
    }

    private static (int Start, int Length) Piece(byte[] file, Random random)
    {
        int start = random.Next(file.Length + 1);
        int most = Math.Min(file.Length - start, random.Next(4) == 0 ? file.Length : 64);
        return (start, random.Next(most + 1));
    }
}
