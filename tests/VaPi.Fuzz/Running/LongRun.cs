using System.Diagnostics;
using System.Globalization;
using VaPi.Fuzz.Cases;
using VaPi.Fuzz.Readers;

namespace VaPi.Fuzz.Running;

/// <summary>
/// Runs readers in child processes, so that a case that ends the process or never ends is reported like any other; the run goes on
/// behind it.
/// </summary>
internal sealed class LongRun(FuzzOptions options, TextWriter output)
{
    // After so many crashes and hangs of a reader it is clear that something is wrong with it.
    private const int MostLost = 10;

    /// <returns>Whether no case failed.</returns>
    public bool Run()
    {
        var total = new Tally();
        output.WriteLine($"{"reader",-20}{"cases",9}{"read",9}{"refused",9}{"failed",8}{"seconds",9}{"slowest",11}{"managed",10}{"resident",10}{"kept",9}");
        foreach (string reader in options.Readers)
        {
            Tally tally = Run(reader);
            total.Add(tally);
            Print(reader, tally);
        }

        Print("all", total);
        return total.Failed == 0;
    }

    private void Print(string name, Tally tally) => output.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"{name,-20}{tally.Cases,9}{tally.Read,9}{tally.Refused,9}{tally.Failed,8}{tally.Seconds,9:F1}{tally.SlowestMilliseconds,8:F0} ms{tally.MostManaged / 1e6,7:F1} MB{tally.MostResident / 1e6,7:F1} MB{tally.Kept / 1e6,6:F1} MB"));

    private Tally Run(string reader)
    {
        var tally = new Tally();
        var clock = Stopwatch.StartNew();
        string progress = Path.Combine(Path.GetTempPath(), $"vapi-fuzz-{Guid.NewGuid():N}");
        File.WriteAllBytes(progress, new byte[sizeof(long)]);
        try
        {
            long first = 0;
            for (int lost = 0; first < options.Cases && lost < MostLost && !(clock.Elapsed > options.Time); lost++)
            {
                (int code, Tally? ran, int failed) = RunChild(reader, first, progress, options.Time - clock.Elapsed);
                if (ran is not null)
                {
                    tally.Add(ran);
                    break;
                }

                // What the child had read and refused before is lost; what had failed it had printed.
                long number = BitConverter.ToInt64(File.ReadAllBytes(progress));
                string problem = code == ChildRun.Hung ? $"It did not end within {CaseLimits.Milliseconds} ms." : $"The process ended with code {code}.";
                FailureFiles.Write(options.Output, FuzzCase.Make(AllReaders.Make(reader), options.Seed, number));
                output.WriteLine(FailureFiles.Describe(reader, options.Seed, number, problem));
                tally.Add(new Tally { Cases = number + 1 - first, Failed = failed + 1 });
                first = number + 1;
            }
        }
        finally
        {
            File.Delete(progress);
        }

        tally.Seconds = clock.Elapsed.TotalSeconds;
        return tally;
    }

    private (int Code, Tally? Ran, int Failed) RunChild(string reader, long first, string progress, TimeSpan? left)
    {
        using Process child = Process.Start(Start(reader, first, progress, left))!;
        Tally? ran = null;
        int failed = 0;
        while (child.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith(ChildRun.TallyPrefix, StringComparison.Ordinal))
            {
                ran = Tally.Parse(line[ChildRun.TallyPrefix.Length..]);
                continue;
            }

            failed += line.StartsWith(FailureFiles.Prefix, StringComparison.Ordinal) ? 1 : 0;
            output.WriteLine(line);
        }

        child.WaitForExit();
        return (child.ExitCode, ran, failed);
    }

    private ProcessStartInfo Start(string reader, long first, string progress, TimeSpan? left)
    {
        string program = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "VaPi.Fuzz.exe" : "VaPi.Fuzz");
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true };
        string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
        List<string> arguments =
        [
            "--reader", reader, "--seed", Text(options.Seed), "--first", Text(first), "--cases", Text(options.Cases - first), "--output", options.Output, "--progress", progress,
        ];
        if (left is { } time)
            arguments.AddRange(["--seconds", Text(Math.Max(1, (long)time.TotalSeconds))]);
        arguments.ForEach(start.ArgumentList.Add);
        return start;
    }
}
