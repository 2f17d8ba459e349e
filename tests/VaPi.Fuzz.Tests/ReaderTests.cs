using VaPi.Fuzz.Cases;
using VaPi.Fuzz.Readers;
using VaPi.Fuzz.Running;
using VaPi.Tests.Checkpoints.Support;
using Xunit;

namespace VaPi.Fuzz.Tests;

/// <summary>The short form of the fuzz run: some cases of every reader, in this process.</summary>
public sealed class ReaderTests : IDisposable
{
    private const int Seed = 7;

    // Cases of readers with large files take longer; the long run has thousands of each.
    private const int Cases = 60;

    private static readonly TimeSpan Time = TimeSpan.FromSeconds(0.3);

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => [.. AllReaders.Names];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Damaged_files_are_read_or_refused_as_documented(string name)
    {
        FileReader reader = AllReaders.Make(name);
        foreach (Sample sample in reader.Samples)
        {
            CaseResult result = new CaseRunner(_folder.File(Path.GetRandomFileName())).Run(new FuzzCase(reader, 0, 0, sample.Files));
            Assert.Null(result.Problem);
            Assert.Null(result.Error); // or what is damaged would not have been sound
        }

        var failures = new List<string>();
        long begun = -1;
        var hung = new TaskCompletionSource<long>();
        using var watch = new CaseWatch(CaseLimits.Milliseconds, number => hung.TrySetResult(number));
        Task<Tally> run = Task.Run(() => CaseSeries.Run(
            reader,
            Seed,
            first: 0,
            Cases,
            _folder.File("cases"),
            Time,
            number => watch.Begin(begun = number),
            (fuzzCase, result) => failures.Add(FailureFiles.Describe(name, Seed, fuzzCase.Number, result.Problem!))));
        Assert.True(await Task.WhenAny(run, hung.Task) == run, FailureFiles.Describe(name, Seed, begun, "It did not end."));

        Tally tally = await run;
        watch.End();
        Assert.Empty(failures);
        Assert.True(tally.Refused > 0, $"of {tally.Cases} cases none was refused");
    }
}
