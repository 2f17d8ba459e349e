using System.Diagnostics;
using VaPi.Fuzz.Cases;
using VaPi.Tests.Toys;

namespace VaPi.Fuzz.Running;

/// <summary>Runs a reader's cases one after the other in this process.</summary>
internal static class CaseSeries
{
    // What readers, libtorch and the decoders set up once is set up by then.
    private const long FirstCases = 300;

    /// <param name="reader">What reads them.</param>
    /// <param name="seed">Decides them.</param>
    /// <param name="first">The first case's number.</param>
    /// <param name="count">How many.</param>
    /// <param name="folder">An empty folder for their files.</param>
    /// <param name="time">No further case is begun after that; null for any time.</param>
    /// <param name="begun">Told each case's number before it is read.</param>
    /// <param name="failed">Told each case that fails.</param>
    public static Tally Run(FileReader reader, int seed, long first, long count, string folder, TimeSpan? time, Action<long>? begun, Action<FuzzCase, CaseResult> failed)
    {
        var tally = new Tally();
        var runner = new CaseRunner(folder);
        long? early = null;
        var clock = Stopwatch.StartNew();
        for (long number = first; number < first + count && !(clock.Elapsed > time); number++)
        {
            begun?.Invoke(number);
            FuzzCase fuzzCase = FuzzCase.Make(reader, seed, number);
            CaseResult result = runner.Run(fuzzCase);
            tally.Add(result);
            if (result.Problem is not null)
                failed(fuzzCase, result);
            if (tally.Cases == FirstCases && PeakMemory.IsExact)
                early = PeakMemory.Allocated();
        }

        tally.Seconds = clock.Elapsed.TotalSeconds;
        tally.Kept = PeakMemory.IsExact && early is { } before ? PeakMemory.Allocated() - before : 0;
        return tally;
    }
}
