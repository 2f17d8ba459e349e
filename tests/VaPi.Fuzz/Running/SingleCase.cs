using VaPi.Fuzz.Cases;
using VaPi.Fuzz.Readers;

namespace VaPi.Fuzz.Running;

/// <summary>Repeats one case and says all about it.</summary>
internal static class SingleCase
{
    /// <returns>Whether it did not fail.</returns>
    public static bool Run(FuzzOptions options, string folder, TextWriter output)
    {
        FuzzCase fuzzCase = FuzzCase.Make(AllReaders.Make(options.Readers.Single()), options.Seed, options.Case!.Value);
        output.WriteLine($"Its files, {fuzzCase.Length} bytes, are in {FailureFiles.Write(options.Output, fuzzCase)}.");
        CaseResult result = new CaseRunner(folder).Run(fuzzCase);
        output.WriteLine($"It took {result.Milliseconds:F1} ms, {result.Managed:N0} bytes of managed and {result.Resident:N0} bytes of resident memory.");
        output.WriteLine(result.Error is null ? "It was read." : $"It was refused: {result.Error}");
        output.WriteLine(result.Problem is null ? "Nothing is wrong." : $"FAILED: {result.Problem}");
        return result.Problem is null;
    }
}
