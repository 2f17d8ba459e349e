using TorchSharp;
using VaPi.Checkpoints;
using VaPi.Tests.Checkpoints.Support;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Checkpoints;

public class TorchSavingTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("model")]
    public void What_is_saved_is_read_back(string? under)
    {
        using var folder = new TemporaryFolder();
        using DisposeScope scope = NewDisposeScope();
        Tensor plain = arange(6, dtype: ScalarType.Float32).view(2, 3);
        var saved = new Dictionary<string, Tensor>
        {
            ["plain"] = plain,
            ["transposed"] = plain.t(),
            ["part"] = plain.narrow(1, 1, 2),
            ["scalar"] = tensor(2.5),
            ["empty"] = zeros(0, 4),
            ["half"] = plain.to(ScalarType.Float16),
            ["bfloat"] = plain.to(ScalarType.BFloat16),
            ["long"] = tensor(new[] { long.MinValue, 3L }),
            ["byte"] = tensor(new byte[] { 255 }),
            ["bool"] = tensor(new[] { true, false }),
            ["näme.ξ"] = ones(1),
        };
        string path = folder.File("saved.pt");

        Checkpoint.SaveTorch(path, saved, under);

        IReadOnlyDictionary<string, Tensor> loaded = Checkpoint.Load(path);
        string prefix = under is null ? "" : under + ".";
        Assert.Equal(saved.Keys.Select(name => prefix + name), loaded.Keys);
        foreach ((string name, Tensor tensor) in saved)
            Expect.Identical(tensor.contiguous(), loaded[prefix + name]);
    }

    [Fact]
    public void Thousands_of_tensors_are_saved_and_none_too()
    {
        using var folder = new TemporaryFolder();
        using DisposeScope scope = NewDisposeScope();
        Checkpoint.SaveTorch(folder.File("many.pt"), Enumerable.Range(0, 2500).Select(index => KeyValuePair.Create($"t{index}", tensor(index))));
        Checkpoint.SaveTorch(folder.File("none.pt"), []);

        IReadOnlyDictionary<string, Tensor> many = Checkpoint.Load(folder.File("many.pt"));
        Assert.Equal(2500, many.Count);
        Assert.Equal(1999, many["t1999"].item<int>());
        Assert.Empty(Checkpoint.Load(folder.File("none.pt")));
    }

    [Fact]
    public void Floats_are_stored_in_the_type_that_was_asked_for()
    {
        using var folder = new TemporaryFolder();
        using DisposeScope scope = NewDisposeScope();
        string path = folder.File("half.pt");
        Checkpoint.SaveTorch(path, new Dictionary<string, Tensor> { ["a"] = rand(3), ["n"] = tensor(new[] { 1L }) }, storeAs: ScalarType.BFloat16);

        IReadOnlyDictionary<string, Tensor> loaded = Checkpoint.Load(path);

        Assert.Equal((ScalarType.BFloat16, ScalarType.Int64), (loaded["a"].dtype, loaded["n"].dtype));
    }

    [Fact]
    public void The_same_tensors_give_the_same_bytes()
    {
        using var folder = new TemporaryFolder();
        using DisposeScope scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor> { ["a"] = ones(2, 2) };
        Checkpoint.SaveTorch(folder.File("first.pt"), tensors);
        Checkpoint.SaveTorch(folder.File("second.pt"), tensors);

        Assert.Equal(File.ReadAllBytes(folder.File("first.pt")), File.ReadAllBytes(folder.File("second.pt")));
    }

    [Fact]
    public void What_cannot_be_saved_leaves_the_old_file_alone()
    {
        using var folder = new TemporaryFolder();
        using DisposeScope scope = NewDisposeScope();
        string path = folder.File("kept.pt");
        Checkpoint.SaveTorch(path, new Dictionary<string, Tensor> { ["a"] = ones(1) });
        byte[] before = File.ReadAllBytes(path);

        Assert.Throws<CheckpointException>(() => Checkpoint.SaveTorch(path, [KeyValuePair.Create("a", ones(1)), KeyValuePair.Create("a", ones(1))]));
        Assert.Throws<CheckpointException>(() => Checkpoint.SaveTorch(folder.File("nowhere/x.pt"), []));

        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Single(Directory.GetFiles(folder.Root));
    }
}
