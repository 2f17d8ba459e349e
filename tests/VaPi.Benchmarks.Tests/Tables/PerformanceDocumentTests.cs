using System.Runtime.CompilerServices;
using VaPi.Benchmarks.Tables;
using Xunit;

namespace VaPi.Benchmarks.Tests.Tables;

/// <summary>The tables in docs/performance.md are what the measurements beside it say.</summary>
public class PerformanceDocumentTests
{
    private const string Measurements = "measurements";

    [Fact]
    public void Tables_are_those_of_the_measurements() =>
        Assert.Equal(Document(), TablesCommand.Filled(Document(), Path.Combine(DocumentsFolder(), Measurements)));

    [Fact]
    public void Another_measurement_makes_another_table()
    {
        DirectoryInfo copy = Directory.CreateTempSubdirectory("vapi-tables-");
        try
        {
            foreach (string file in Directory.EnumerateFiles(Path.Combine(DocumentsFolder(), Measurements), "*.json"))
                File.Copy(file, Path.Combine(copy.FullName, Path.GetFileName(file)));
            File.Copy(Path.Combine(copy.FullName, "rollout-kl.json"), Path.Combine(copy.FullName, "rollout.json"), overwrite: true);

            Assert.NotEqual(Document(), TablesCommand.Filled(Document(), copy.FullName));
        }
        finally
        {
            copy.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_document_without_a_table_is_refused()
    {
        string without = Document().Replace("<!-- table: memory -->", "", StringComparison.Ordinal);

        ArgumentException error = Assert.Throws<ArgumentException>(() => TablesCommand.Filled(without, Path.Combine(DocumentsFolder(), Measurements)));

        Assert.Contains("table: memory", error.Message, StringComparison.Ordinal);
    }

    private static string Document() => File.ReadAllText(Path.Combine(DocumentsFolder(), "performance.md")).ReplaceLineEndings("\n");

    private static string DocumentsFolder([CallerFilePath] string file = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", "..", "..", "docs"));
}
