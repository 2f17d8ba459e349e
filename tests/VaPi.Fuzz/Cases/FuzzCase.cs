using VaPi.Fuzz.Mutations;

namespace VaPi.Fuzz.Cases;

/// <summary>One damaged input. The reader, the seed and the number decide it.</summary>
/// <param name="Reader">What reads it.</param>
/// <param name="Seed">The run's seed.</param>
/// <param name="Number">The case's number in the run, from 0.</param>
/// <param name="Files">The input; the first file is what the reader is given.</param>
internal sealed record FuzzCase(FileReader Reader, int Seed, long Number, IReadOnlyList<CaseFile> Files)
{
    private const int BombOdds = 150;
    private const int LargestBomb = 24 << 20;

    /// <summary>The length of all files, in bytes.</summary>
    public long Length => Files.Sum(file => (long)file.Content.Length);

    public static FuzzCase Make(FileReader reader, int seed, long number)
    {
        var random = new Random(SeedOf(reader.Name, seed, number));
        Sample sample = reader.Samples[random.Next(reader.Samples.Count)];
        bool inside = sample.Parts.Count > 0 && random.Next(2) == 0;
        return new FuzzCase(reader, seed, number, inside ? ChangedInside(sample, random) : ChangedOutside(sample, reader, random));
    }

    private static IReadOnlyList<CaseFile> ChangedInside(Sample sample, Random random)
    {
        byte[][] parts = [.. sample.Parts];
        int changed = random.Next(parts.Length);
        parts[changed] = sample.IsCompressed && random.Next(BombOdds) == 0
            ? Bomb(parts[changed], random)
            : Mutator.Mutate(parts[changed], sample.Parts, random);
        return sample.Pack(parts);
    }

    private static IReadOnlyList<CaseFile> ChangedOutside(Sample sample, FileReader reader, Random random)
    {
        CaseFile[] files = [.. sample.Files];
        int changed = random.Next(files.Length);
        byte[] content = Mutator.Mutate(files[changed].Content, reader.Contents, random);
        if (random.Next(3) > 0)
            Repair.Checksums(content);
        files[changed] = files[changed] with { Content = content };
        return files;
    }

    // The part with megabytes of one byte in its midst: a few kilobytes when they are compressed.
    private static byte[] Bomb(byte[] part, Random random)
    {
        int at = random.Next(part.Length + 1);
        byte[] bomb = new byte[part.Length + random.Next(1 << 20, LargestBomb)];
        part.AsSpan(0, at).CopyTo(bomb);
        part.AsSpan(at).CopyTo(bomb.AsSpan(bomb.Length - part.Length + at));
        return bomb;
    }

    // The same on every machine and in every process, which string hashes are not.
    private static int SeedOf(string reader, int seed, long number)
    {
        ulong hash = 14695981039346656037;
        foreach (char letter in $"{reader} {seed} {number}")
            hash = unchecked((hash ^ letter) * 1099511628211);
        return (int)((hash ^ (hash >> 32)) & int.MaxValue);
    }
}
