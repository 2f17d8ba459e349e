using VaPi.Alignment.Runs;
using VaPi.Tests.Checkpoints.Support;
using Xunit;

namespace VaPi.Tests.Alignment.Runs;

public class CheckpointManifestTests
{
    [Fact]
    public void What_is_no_manifest_is_not_repeated_at_length()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("manifest.json");
        File.WriteAllText(path, new string('x', 20_000));

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => CheckpointManifest.Read(path));

        Assert.StartsWith("'manifest.json' is no manifest (line 1, ", error.Message, StringComparison.Ordinal);
        Assert.InRange(error.Message.Length, 1, 100);
    }
}
