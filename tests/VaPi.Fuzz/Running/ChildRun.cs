using System.IO.MemoryMappedFiles;
using VaPi.Fuzz.Readers;

namespace VaPi.Fuzz.Running;

/// <summary>The child's side of a long run: a range of one reader's cases, whose number lies in a mapped file, which outlives a crash.</summary>
internal static class ChildRun
{
    /// <summary>The exit code after a case that did not end.</summary>
    public const int Hung = 3;

    /// <summary>The line that the child's figures follow.</summary>
    public const string TallyPrefix = "TALLY ";

    public static int Run(FuzzOptions options, string folder, TextWriter output)
    {
        string reader = options.Readers.Single();
        using var file = MemoryMappedFile.CreateFromFile(options.Progress!, FileMode.Open);
        using MemoryMappedViewAccessor progress = file.CreateViewAccessor(0, sizeof(long));
        using var watch = new CaseWatch(CaseLimits.Milliseconds, _ => Environment.Exit(Hung));
        Tally tally = CaseSeries.Run(
            AllReaders.Make(reader),
            options.Seed,
            options.First,
            options.Cases,
            folder,
            options.Time,
            number =>
            {
                progress.Write(0, number);
                watch.Begin(number);
            },
            (fuzzCase, result) =>
            {
                FailureFiles.Write(options.Output, fuzzCase);
                output.WriteLine(FailureFiles.Describe(reader, options.Seed, fuzzCase.Number, result.Problem!.ReplaceLineEndings(" | ")));
            });
        watch.End();
        if (tally.Kept > CaseLimits.KeptBytes)
        {
            tally.Failed++;
            output.WriteLine($"{FailureFiles.Prefix}--reader {reader} --seed {options.Seed}: {tally.Kept:N0} bytes of native memory are still allocated after {tally.Cases} cases.");
        }

        output.WriteLine(TallyPrefix + tally);
        return tally.Failed > 0 ? 1 : 0;
    }
}
