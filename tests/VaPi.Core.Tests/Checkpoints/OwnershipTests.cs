using VaPi.Checkpoints;
using VaPi.Tests.Checkpoints.Support;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Checkpoints;

[Collection(AloneCollection.Name)]
public sealed class OwnershipTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("gpt_c2i.safetensors")]
    [InlineData("gpt_c2i.pt")]
    [InlineData("lpips_lin_legacy_py2.pth")]
    public void Nothing_native_is_left_behind(string file)
    {
        long before = LiveTensors.Settled();
        foreach (ScalarType? type in new ScalarType?[] { null, ScalarType.Float16 })
        {
            using var reader = CheckpointReader.Open(CheckpointFiles.Golden(file));
            foreach (var entry in reader.Entries)
                reader.Read(entry.Name, type).Dispose();
        }

        var loaded = Checkpoint.Load(CheckpointFiles.Golden(file));
        Checkpoint.Save(_folder.File("copy.safetensors"), loaded, storeAs: ScalarType.BFloat16);
        Assert.Equal(before + loaded.Count, Tensor.TotalCount);
        foreach (var tensor in loaded.Values)
            tensor.Dispose();

        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void What_is_read_belongs_to_the_callers_scope()
    {
        long before = LiveTensors.Settled();
        using (NewDisposeScope())
        {
            using var reader = CheckpointReader.Open(CheckpointFiles.Golden("gpt_c2i.pt"));
            reader.Read(reader.Entries[0].Name);
            reader.Read(reader.Entries[1].Name, ScalarType.Float64);
            Assert.Equal(before + 2, Tensor.TotalCount);
        }

        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void A_failed_load_leaves_nothing()
    {
        // The second tensor's entry cannot be found where the directory says.
        var pickle = new PickleBuilder().Ops("](").Tensor("0", 4, [4]).Tensor("1", 4, [2, 2], [1, 2]).Ops("e");
        var zip = new ZipBuilder().Entry("m/data.pkl", pickle.End()).Entry("m/data/0", CheckpointFiles.Floats(4))
            .Entry("m/data/1", CheckpointFiles.Floats(4), position: 0);
        string path = _folder.Write(zip.End());
        long before = LiveTensors.Settled();
        Assert.Throws<CheckpointException>(() => Checkpoint.Load(path));
        Assert.Equal(before, Tensor.TotalCount);
    }
}
