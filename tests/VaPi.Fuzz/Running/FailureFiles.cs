using VaPi.Fuzz.Cases;

namespace VaPi.Fuzz.Running;

/// <summary>Keeps the files of failing cases.</summary>
internal static class FailureFiles
{
    /// <summary>What the line of a failing case begins with.</summary>
    public const string Prefix = "FAILED ";

    /// <summary>Writes them to a folder of their own.</summary>
    /// <returns>The folder.</returns>
    public static string Write(string output, FuzzCase fuzzCase)
    {
        string folder = Path.Combine(output, $"{fuzzCase.Reader.Name}-{fuzzCase.Seed}-{fuzzCase.Number}");
        foreach (CaseFile file in fuzzCase.Files)
        {
            string path = Path.Combine(folder, file.Name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, file.Content);
        }

        return folder;
    }

    /// <summary>A line that says how to repeat a case.</summary>
    public static string Describe(string reader, int seed, long number, string problem) => $"{Prefix}--reader {reader} --seed {seed} --case {number}: {problem}";
}
