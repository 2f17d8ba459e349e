using VaPi.Fuzz.Fields;

namespace VaPi.Fuzz.Mutations;

/// <summary>Damages bytes: one to four times, at random places or where the format keeps its numbers. What it does is decided by the generator alone.</summary>
internal static class Mutator
{
    private const int MostChanges = 4;

    /// <param name="original">Stays as it is.</param>
    /// <param name="others">Files of the same kind, to splice with; at least one.</param>
    /// <param name="random">Decides everything.</param>
    public static byte[] Mutate(byte[] original, IReadOnlyList<byte[]> others, Random random)
    {
        byte[] mutant = [.. original];
        List<Field> fields = FileFields.Of(original);
        int changes = 1 + (random.Next(2) == 0 ? 0 : random.Next(MostChanges));
        for (int change = 0; change < changes; change++)
            mutant = Change(mutant, fields, others, random);
        return mutant;
    }

    private static byte[] Change(byte[] file, List<Field> fields, IReadOnlyList<byte[]> others, Random random)
    {
        if (file.Length == 0)
            return Blocks.Extended(file, random);
        if (fields.Count > 0 && random.Next(2) == 0)
            return Numbers.Change(file, fields[random.Next(fields.Count)], random);
        int at = random.Next(file.Length);
        switch (random.Next(12))
        {
            case 0 or 1:
                file[at] ^= (byte)(1 << random.Next(8));
                return file;
            case 2:
                file[at] = Numbers.Interesting(random);
                return file;
            case 3:
                file[at] = (byte)random.Next(256);
                return file;
            case 4:
                int length = Math.Min(1 << random.Next(1, 4), file.Length - at);
                Numbers.WriteBinary(file.AsSpan(at, length), random.Next(2) == 0, (uint)file.Length, random);
                return file;
            case 5:
                return Blocks.Truncated(file, random);
            case 6:
                return Blocks.Extended(file, random);
            case 7:
                return Blocks.Removed(file, random);
            case 8:
                return Blocks.Repeated(file, random);
            case 9:
                return Blocks.Moved(file, random);
            case 10:
                return Blocks.Filled(file, random);
            default:
                return Blocks.Spliced(file, others[random.Next(others.Count)], random);
        }
    }
}
