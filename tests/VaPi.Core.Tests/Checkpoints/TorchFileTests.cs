using VaPi.Checkpoints;
using VaPi.Tests.Checkpoints.Support;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Checkpoints;

public sealed class TorchFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_three_layouts_met_in_the_wild_hold_the_same_tensors()
    {
        using var scope = NewDisposeScope();
        var safetensors = Checkpoint.Load(CheckpointFiles.Golden("gpt_c2i.safetensors"));
        var nested = Checkpoint.Load(CheckpointFiles.Golden("gpt_c2i.pt"));
        var bare = Checkpoint.Load(CheckpointFiles.Golden("gpt_c2i_consolidated.pth"));

        Assert.True(safetensors.Count > 15);
        Assert.Equal(safetensors.Keys, bare.Keys);
        Assert.Equal(safetensors.Keys.Select(name => "model." + name), nested.Keys);
        foreach (var (name, tensor) in safetensors)
        {
            SafetensorsTests.AssertSame(tensor, bare[name]);
            SafetensorsTests.AssertSame(tensor, nested["model." + name]);
        }
    }

    [Theory]
    [InlineData("lpips_lin_legacy.pth")]
    [InlineData("lpips_lin_legacy_py2.pth")]
    public void Both_legacy_dialects_hold_the_values_they_were_made_from(string file)
    {
        using var scope = NewDisposeScope();
        var heads = Checkpoint.Load(CheckpointFiles.Golden(file));
        int[] channels = [64, 128, 256, 512, 512];

        Assert.Equal(Enumerable.Range(0, 5).Select(k => $"lin{k}.model.1.weight"), heads.Keys);
        for (int k = 0; k < channels.Length; k++)
        {
            var head = heads[$"lin{k}.model.1.weight"];
            Assert.Equal([1, channels[k], 1, 1], head.shape);
            var expected = Formula($"lin{k}.model.1.weight", channels[k]).Select(w => (float)(Math.Abs(w) * 16 / channels[k])).ToArray();
            var actual = head.data<float>().ToArray();
            for (int i = 0; i < expected.Length; i++)
                Assert.Equal(expected[i], actual[i], 1e-7f);
        }
    }

    [Fact]
    public void Nested_collections_are_flattened_and_the_rest_is_dropped()
    {
        var pickle = new PickleBuilder(4).Ops("}(")
            .Text("model").Ops("}(").Text("a.b").Tensor("0", 4, [2, 2]).Text("deep").Ops("}").Text("w").Tensor("1", 1, [])
            .Ops("su")
            .Text("steps").Number(0)
            .Text("rate").Raw((byte)'G', 0, 0, 0, 0, 0, 0, 0, 0)
            .Text("state").Ops("}").Number(7).Ops("]").Tensor("1", 1, [1]).Ops("as")
            .Text("args").Global("argparse", "Namespace").Ops(")").Raw(0x81).Ops("}").Text("secret").Tensor("0", 4, [4]).Ops("sb")
            .Text("none").Ops("N")
            .Text("blob").Raw((byte)'C', 3, 1, 2, 3)
            .Text("size").Global("torch", "Size").Numbers(2, 3).Raw(0x85).Ops("R")
            .Text("type").Global("torch", "float32")
            .Ops("u");
        using var scope = NewDisposeScope();
        using var reader = CheckpointReader.Open(_folder.Write(CheckpointFiles.Zip(pickle, ("0", CheckpointFiles.Floats(4)), ("1", CheckpointFiles.Floats(1, 9)))));

        Assert.Equal(["model.a.b", "model.deep.w", "state.7.0"], reader.Entries.Select(entry => entry.Name));
        Assert.Equal([2, 2], reader.Entries[0].Shape);
        Assert.Empty(reader.Entries[1].Shape);
        Assert.Empty(reader.Metadata);
        Assert.Equal([0f, 1, 2, 3], reader.Read("model.a.b").data<float>().ToArray());
        Assert.Equal(9f, reader.Read("model.deep.w").item<float>());
    }

    [Fact]
    public void Protocol_4_is_read()
    {
        // FRAME, SHORT_BINUNICODE, STACK_GLOBAL, MEMOIZE, as Python writes them by default today.
        var pickle = new PickleBuilder(4).Raw(0x95, 9, 0, 0, 0, 0, 0, 0, 0)
            .Raw(0x8c, 11).Ops("collections").Raw(0x94).Raw(0x8c, 11).Ops("OrderedDict").Raw(0x94, 0x93, 0x94)
            .Ops(")R").Raw(0x94).Raw(0x8c, 1).Ops("w").Raw(0x94).Tensor("0", 2, [2]).Ops("s");
        using var scope = NewDisposeScope();
        Assert.Equal([0f, 1], Checkpoint.Load(_folder.Write(CheckpointFiles.Zip(pickle, ("0", CheckpointFiles.Floats(2)))))["w"].data<float>().ToArray());
    }

    [Fact]
    public void Parameters_old_and_new_are_tensors()
    {
        var pickle = new PickleBuilder().Ops("}(")
            .Text("rebuilt").Global("torch._utils", "_rebuild_parameter").Ops("(").Tensor("0", 2, [2], legacy: true).Raw(0x88).Ops("}tR")
            .Text("called").Global("torch.nn.parameter", "Parameter").Tensor("0", 2, [2], legacy: true).Raw(0x85).Ops("R").Raw(0x88, 0x89).Ops("}").Raw(0x87).Ops("b")
            .Text("built").Global("torch.nn.parameter", "Parameter").Ops(")").Raw(0x81).Ops("(").Tensor("0", 2, [2], legacy: true).Ops("NN").Raw(0x88, 0x89).Ops("tb")
            .Text("four").Global("torch._utils", "_rebuild_tensor").Ops("(").Storage("0", 2, legacy: true, location: "cuda:3").Number(1).Numbers(1).Numbers(1).Ops("tR")
            .Ops("u");
        using var scope = NewDisposeScope();
        var loaded = Checkpoint.Load(_folder.Write(CheckpointFiles.Legacy(pickle, ("0", CheckpointFiles.Floats(2)))));
        Assert.Equal(["rebuilt", "called", "built", "four"], loaded.Keys);
        foreach (string name in new[] { "rebuilt", "called", "built" })
            Assert.Equal([0f, 1], loaded[name].data<float>().ToArray());

        Assert.Equal([1f], loaded["four"].data<float>().ToArray());
    }

    [Fact]
    public void Legacy_storages_lie_in_the_order_of_their_keys()
    {
        var pickle = new PickleBuilder().Ops("}(")
            .Text("first").Tensor("9", 2, [2], legacy: true)
            .Text("second").Tensor("10", 3, [3], legacy: true)
            .Text("tied").Tensor("9", 2, [1], offset: 1, legacy: true)
            .Ops("u");
        using var scope = NewDisposeScope();
        var loaded = Checkpoint.Load(_folder.Write(CheckpointFiles.Legacy(pickle, ("10", CheckpointFiles.Floats(3, 10)), ("9", CheckpointFiles.Floats(2, 90)))));
        Assert.Equal([90f, 91], loaded["first"].data<float>().ToArray());
        Assert.Equal([10f, 11, 12], loaded["second"].data<float>().ToArray());
        Assert.Equal([91f], loaded["tied"].data<float>().ToArray());
    }

    public static TheoryData<string, ScalarType> Storages => new()
    {
        { "DoubleStorage", ScalarType.Float64 }, { "FloatStorage", ScalarType.Float32 }, { "HalfStorage", ScalarType.Float16 },
        { "BFloat16Storage", ScalarType.BFloat16 }, { "LongStorage", ScalarType.Int64 }, { "IntStorage", ScalarType.Int32 },
        { "ShortStorage", ScalarType.Int16 }, { "CharStorage", ScalarType.Int8 }, { "ByteStorage", ScalarType.Byte },
        { "BoolStorage", ScalarType.Bool }, { "UntypedStorage", ScalarType.Byte },
    };

    [Theory]
    [MemberData(nameof(Storages))]
    public void Every_storage_class_is_read(string name, ScalarType type)
    {
        using var scope = NewDisposeScope();
        var expected = tensor(new[] { 0L, 1, 1, 0, 1 }).to(type);
        var file = CheckpointFiles.Zip(new PickleBuilder().Ops("}").Text("x").Tensor("k", 5, [5], type: name).Ops("s"), ("k", expected.bytes.ToArray()));
        SafetensorsTests.AssertSame(expected, Checkpoint.Load(_folder.Write(file))["x"]);
    }

    [Theory]
    [InlineData(new long[] { 3, 4 }, new long[] { 1, 3 }, 0)]
    [InlineData(new long[] { 3, 4 }, new long[] { 7, 1 }, 2)]
    [InlineData(new long[] { 3, 4 }, new long[] { 8, 2 }, 1)]
    [InlineData(new long[] { 4, 3 }, new long[] { 0, 1 }, 5)]
    [InlineData(new long[] { 2, 3, 4 }, new long[] { 1, 8, 2 }, 0)]
    [InlineData(new long[] { 2, 1, 3, 2 }, new long[] { 3, 100, 1, 6 }, 3)]
    [InlineData(new long[] { 1, 1 }, new long[] { 5, 9 }, 4)]
    [InlineData(new long[] { }, new long[] { }, 3)]
    [InlineData(new long[] { 0, 3 }, new long[] { 3, 1 }, 0)]
    public void Strides_are_honoured(long[] shape, long[] strides, long offset)
    {
        using var scope = NewDisposeScope();
        var expected = arange(30, dtype: ScalarType.Float32).as_strided(shape, strides, offset).contiguous();
        foreach (bool legacy in new[] { false, true })
        {
            var pickle = new PickleBuilder().Ops("}").Text("x").Tensor("0", 30, shape, strides, offset, legacy: legacy).Ops("s");
            var storage = ("0", CheckpointFiles.Floats(30));
            using var reader = CheckpointReader.Open(_folder.Write(legacy ? CheckpointFiles.Legacy(pickle, storage) : CheckpointFiles.Zip(pickle, storage)));
            SafetensorsTests.AssertSame(expected, reader.Read("x"));
            SafetensorsTests.AssertSame(expected.to(ScalarType.Int64), reader.Read("x", ScalarType.Int64));
        }
    }

    [Theory]
    [InlineData(new long[] { 1500, 1400 }, new long[] { 1, 1500 })]
    [InlineData(new long[] { 1400, 1000 }, new long[] { 1500, 1 })]
    [InlineData(new long[] { 100, 70, 300 }, new long[] { 300, 30000, 1 })]
    [InlineData(new long[] { 2, 4, 3 }, new long[] { 1_050_000, 1, 200_000 })]
    public void Large_strided_tensors_are_gathered_piece_by_piece(long[] shape, long[] strides)
    {
        // The storage of 2.1 million floats is two staging buffers long.
        const int count = 2_100_000;
        using var scope = NewDisposeScope();
        var expected = arange(count, dtype: ScalarType.Float32).as_strided(shape, strides).contiguous();
        var pickle = new PickleBuilder().Ops("}").Text("x").Tensor("0", count, shape, strides).Ops("s");
        var zip = new ZipBuilder().Entry("m/data.pkl", pickle.End()).Entry("m/data/0", CheckpointFiles.Floats(count));
        using var reader = CheckpointReader.Open(_folder.Write(zip.End()));
        SafetensorsTests.AssertSame(expected, reader.Read("x"));
        SafetensorsTests.AssertSame(expected.to(ScalarType.Float16), reader.Read("x", ScalarType.Float16));
    }

    [Fact]
    public void Deflated_entries_are_read()
    {
        using var scope = NewDisposeScope();
        var expected = randn(1_500_000);
        var pickle = new PickleBuilder().Ops("}(")
            .Text("all").Tensor("0", 1_500_000, [1_500_000])
            .Text("transposed").Tensor("0", 1_500_000, [1000, 1500], [1, 1000])
            .Text("end").Tensor("0", 1_500_000, [3], offset: 1_499_997).Ops("u");
        var zip = new ZipBuilder().Entry("m/data.pkl", pickle.End(), deflate: true).Entry("m/byteorder", "little"u8.ToArray(), deflate: true)
            .Entry("m/data/0", expected.bytes.ToArray(), deflate: true);
        var loaded = Checkpoint.Load(_folder.Write(zip.End(comment: "a comment")));
        SafetensorsTests.AssertSame(expected, loaded["all"]);
        SafetensorsTests.AssertSame(expected.view(1500, 1000).t().contiguous(), loaded["transposed"]);
        SafetensorsTests.AssertSame(expected.narrow(0, 1_499_997, 3), loaded["end"]);
    }

    [Fact]
    public void Ten_thousand_tensors_are_within_the_limits()
    {
        var pickle = new PickleBuilder().Ops("}(");
        for (int i = 0; i < 10_000; i++)
            pickle.Text($"model.layers.{i}.attention.some.usual.name.weight").Number4('r', 2 * i).Tensor("0", 4, [2, 2]).Number4('r', (2 * i) + 1);

        using var reader = CheckpointReader.Open(_folder.Write(CheckpointFiles.Zip(pickle.Ops("u"), ("0", CheckpointFiles.Floats(4)))));
        Assert.Equal(10_000, reader.Entries.Count);
    }

    [Fact]
    public void A_tensor_alone_is_named_tensor()
    {
        using var scope = NewDisposeScope();
        var loaded = Checkpoint.Load(_folder.Write(CheckpointFiles.Zip(new PickleBuilder().Tensor("0", 2, [2]), ("0", CheckpointFiles.Floats(2)))));
        Assert.Equal(["tensor"], loaded.Keys);
    }

    // The formula that the golden weights were made by: FNV-1a of the name, then SplitMix64.
    private static IEnumerable<double> Formula(string name, int count)
    {
        ulong hash = 0xcbf29ce484222325;
        foreach (char c in name)
            hash = unchecked((hash ^ c) * 0x100000001b3);

        for (int i = 1; i <= count; i++)
        {
            ulong z = unchecked(hash + ((ulong)i * 0x9E3779B97F4A7C15));
            z = unchecked((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9);
            z = unchecked((z ^ (z >> 27)) * 0x94D049BB133111EB);
            z ^= z >> 31;
            yield return (2 * ((z >> 11) * Math.Pow(2, -53))) - 1;
        }
    }
}
