using QuickStart.Output;
using Xunit;

namespace QuickStart.Tests.Output;

public sealed class RunFolderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vapi-quickstart-").FullName;

    private string Results => Path.Combine(_folder, "a", "results");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Clearing_removes_what_a_run_wrote_and_nothing_else()
    {
        string[] own =
        [
            "before-after.png", "reward-curve.png", "policy.safetensors", "report.html", "summary.json", "summary.json.tmp",
            "policy.safetensors.0123456789abcdef0123456789abcdef.tmp",
        ];
        string[] others = ["notes.txt", "my-policy.safetensors", "summary.json.bak", "other.tmp", "policy.safetensors.mine.tmp"];
        Directory.CreateDirectory(Results);
        foreach (string name in own.Concat(others))
            File.WriteAllText(Path.Combine(Results, name), "of an earlier run");

        using (RunFolder folder = RunFolder.Open(Results))
            folder.Clear();

        Assert.Equal(others.Order(), Directory.EnumerateFiles(Results).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Opening_alone_removes_nothing()
    {
        Directory.CreateDirectory(Results);
        File.WriteAllText(Path.Combine(Results, RunFolder.Summary), "of an earlier run");

        RunFolder.Open(Results).Dispose();

        Assert.True(File.Exists(Path.Combine(Results, RunFolder.Summary)));
    }

    [Fact]
    public void Two_runs_cannot_hold_one_folder()
    {
        using (RunFolder.Open(Results))
        {
            IOException error = Assert.Throws<IOException>(() => RunFolder.Open(Results));
            Assert.Contains("Another run is writing to the output folder", error.Message, StringComparison.Ordinal);
        }

        using (RunFolder.Open(Results))
            Assert.Single(Directory.EnumerateFiles(Results));
        Assert.Empty(Directory.EnumerateFiles(Results));
    }

    [Fact]
    public void A_lock_file_that_a_killed_run_left_holds_up_nobody()
    {
        Directory.CreateDirectory(Results);
        string left;
        using (RunFolder.Open(Results))
            left = Directory.EnumerateFiles(Results).Single();
        File.WriteAllText(left, "");

        RunFolder.Open(Results).Dispose();

        Assert.False(File.Exists(left));
    }

    [Fact]
    public void A_file_is_there_when_all_of_it_is()
    {
        using RunFolder folder = RunFolder.Open(Results);
        folder.Write(RunFolder.Summary, stream =>
        {
            stream.WriteByte(1);
            stream.Flush();
            Assert.False(File.Exists(folder.At(RunFolder.Summary)));
        });
        Assert.Throws<InvalidOperationException>(() => folder.Write(RunFolder.Picture, _ => throw new InvalidOperationException()));

        Assert.Equal([1], File.ReadAllBytes(folder.At(RunFolder.Summary)));
        Assert.False(File.Exists(folder.At(RunFolder.Picture)));
    }

    [Fact]
    public void An_output_that_is_a_file_is_refused()
    {
        string file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");

        Assert.Contains($"'{file}' is a file", Assert.Throws<IOException>(() => RunFolder.Open(file)).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be written to", Assert.Throws<IOException>(() => RunFolder.Open(Path.Combine(file, "below"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_stands_in_the_way_of_clearing_is_named()
    {
        // A folder of a result's name cannot be replaced by a file.
        Directory.CreateDirectory(Path.Combine(Results, RunFolder.Summary));
        using RunFolder folder = RunFolder.Open(Results);

        IOException error = Assert.Throws<IOException>(folder.Clear);

        Assert.Contains($"'{Path.Combine(Results, RunFolder.Summary)}'", error.Message, StringComparison.Ordinal);
    }
}
