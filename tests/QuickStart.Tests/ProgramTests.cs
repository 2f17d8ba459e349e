using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Xml.Linq;
using QuickStart.CommandLine;
using QuickStart.Models;
using QuickStart.Output;
using VaPi.Checkpoints;
using Xunit;
using static TorchSharp.torch;

namespace QuickStart.Tests;

/// <summary>The built program, as a process.</summary>
public sealed class ProgramTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly string _folder = Directory.CreateTempSubdirectory("vapi-quickstart-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Help_is_printed()
    {
        using var program = new Running("--help");

        Assert.Equal(0, await program.Ended());
        Assert.Contains(QuickStartOptions.HelpText.Split(Environment.NewLine)[0], program.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mistake_is_named_and_help_offered()
    {
        using var program = new Running("--rolouts", "3");

        Assert.Equal(64, await program.Ended());
        Assert.Equal("There is no option '--rolouts'. Did you mean --rollouts? --help explains every option.", program.Errors.Trim());
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_named()
    {
        string images = Path.Combine(_folder, "photos");
        using var program = new Running("--images", images, "--output", Path.Combine(_folder, "results"));

        Assert.Equal(1, await program.Ended());
        Assert.Contains($"'{images}' does not exist", program.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_report_is_written_when_asked_for()
    {
        string results = Path.Combine(_folder, "results");

        using var program = new Running("--output", results, "--rollouts", "2", "--samples", "64", "--report");

        Assert.True(await program.Ended() == 0, program.Errors);
        XElement page = XElement.Load(Path.Combine(results, RunFolder.Report)); // well-formed
        string[] headings = [.. page.Descendants("h2").Select(heading => heading.Value)];
        Assert.All(["Held-out measures", "Pictures", "Reward of the samples", "What alignment bounds, and exposure bias"], heading => Assert.Contains(heading, headings));
        Assert.Equal(5 * 18, page.Descendants("img").Count()); // three columns of each class
        List<string> measures = [.. page.Descendants("table").Last(table => table.Attribute("class")!.Value == "numbers").Element("tbody")!.Elements("tr").Select(row => row.Element("th")!.Value)];
        Assert.Contains("ELBO", measures);
        Assert.Contains("log-likelihood, self-generated prefix", measures);
    }

    [UnixFact]
    public async Task Ctrl_C_during_alignment_leaves_a_usable_policy_and_says_where()
    {
        string results = Path.Combine(_folder, "results");
        string policy = Path.Combine(results, RunFolder.Policy);
        Directory.CreateDirectory(results);
        foreach (string file in new[] { RunFolder.Picture, RunFolder.Curve, RunFolder.Policy, RunFolder.Summary, "mine.txt" })
            File.WriteAllText(Path.Combine(results, file), "of an earlier run");

        using var program = new Running("--output", results, "--rollouts", "1000", "--samples", "64");
        await program.Printed("rollout    1/1000");

        using (var second = new Running("--output", results))
        {
            Assert.Equal(1, await second.Ended());
            Assert.Contains("Another run is writing to the output folder", second.Errors, StringComparison.Ordinal);
        }

        await program.Signal("INT");
        Assert.Equal(130, await program.Ended());

        Assert.Matches($@"Stopped after \d+ of 1000 rollouts\..*: {policy}", program.Errors);
        Assert.Equal(["mine.txt", RunFolder.Policy], Directory.EnumerateFiles(results).Select(Path.GetFileName).Order());
        AssertAligned(policy);
    }

    private static void AssertAligned(string policy)
    {
        using var scope = NewDisposeScope();
        using var aligned = VaPi.Models.LlamaGen.LlamaGenPolicy.Load(policy, SmallModels.Policy(classes: 6));
        IReadOnlyDictionary<string, Tensor> shipped = Checkpoint.Load(Path.Combine(QuickStartOptions.Parse([]).Models, SmallModels.PolicyFile));
        double largest = aligned.NamedParameters().Max(named => (named.Parameter - shipped[named.Name]).abs().max().item<float>());

        // AdamW moves a parameter by about the learning rate, 7e-4, in each of the first rollouts.
        Assert.True(double.IsFinite(largest) && largest > 1e-4, $"The largest change is {largest}.");
    }

    private sealed class Running : IDisposable
    {
        private readonly StringBuilder _errors = new();
        private readonly StringBuilder _output = new();
        private readonly Process _process;

        public Running(params string[] arguments)
        {
            // A test runner that a script started in the background ignores SIGINT, and its children would too.
            string[] command = SignalsAreIgnored() ? ["env", "--default-signal=INT", "dotnet"] : ["dotnet"];
            var start = new ProcessStartInfo(command[0]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
            foreach (string argument in command.Skip(1).Append(typeof(QuickStartOptions).Assembly.Location).Concat(arguments))
                start.ArgumentList.Add(argument);
            _process = new Process { StartInfo = start };
            _process.OutputDataReceived += (_, line) => Append(_output, line.Data);
            _process.ErrorDataReceived += (_, line) => Append(_errors, line.Data);
            _process.Start();
            _process.BeginOutputReadLine();
            _process.BeginErrorReadLine();
        }

        public string Output => Text(_output);

        public string Errors => Text(_errors);

        public async Task Printed(string text)
        {
            var clock = Stopwatch.StartNew();
            while (!Output.Contains(text, StringComparison.Ordinal))
            {
                Assert.False(_process.HasExited, $"It ended: {Output}{Errors}");
                Assert.True(clock.Elapsed < Patience, $"'{text}' was not printed: {Output}{Errors}");
                await Task.Delay(50);
            }
        }

        public async Task Signal(string name)
        {
            using Process kill = Process.Start("sh", ["-c", string.Create(CultureInfo.InvariantCulture, $"kill -{name} {_process.Id}")]);
            await kill.WaitForExitAsync();
        }

        public async Task<int> Ended()
        {
            using var patience = new CancellationTokenSource(Patience);
            await _process.WaitForExitAsync(patience.Token);
            return _process.ExitCode;
        }

        public void Dispose()
        {
            if (!_process.HasExited)
                _process.Kill(entireProcessTree: true);
            _process.Dispose();
        }

        private static bool SignalsAreIgnored()
        {
            const string Status = "/proc/self/status";
            string? mask = File.Exists(Status) ? File.ReadLines(Status).FirstOrDefault(line => line.StartsWith("SigIgn:", StringComparison.Ordinal)) : null;
            return mask is not null && (Convert.ToUInt64(mask["SigIgn:".Length..].Trim(), 16) & 0b10) != 0; // SIGINT is signal 2
        }

        private static void Append(StringBuilder text, string? line)
        {
            lock (text)
                text.AppendLine(line);
        }

        private static string Text(StringBuilder text)
        {
            lock (text)
                return text.ToString();
        }
    }
}
