using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using VaPi.Checkpoints;
using VaPi.Tests.Checkpoints.Support;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Checkpoints;

public sealed class SafetensorsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<ScalarType> Types =>
    [
        ScalarType.Float64, ScalarType.Float32, ScalarType.Float16, ScalarType.BFloat16, ScalarType.Int64,
        ScalarType.Int32, ScalarType.Int16, ScalarType.Int8, ScalarType.Byte, ScalarType.Bool,
    ];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Types))]
    public void What_is_saved_is_what_is_read(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var original = new Dictionary<string, Tensor>
        {
            ["matrix"] = (arange(12).view(3, 4) - 3).to(type),
            ["scalar"] = tensor(1L).to(type),
            ["empty"] = zeros(0, 5, dtype: type),
            ["ünïcode \"quoted\""] = ones(3, dtype: type),
        };
        string path = _folder.File("all.safetensors");
        Checkpoint.Save(path, original);
        var loaded = Checkpoint.Load(path);

        Assert.Equal(original.Keys, loaded.Keys);
        foreach (var (name, tensor) in original)
            AssertSame(tensor, loaded[name]);
    }

    [Fact]
    public void The_header_and_every_tensor_are_aligned()
    {
        using var scope = NewDisposeScope();
        string path = _folder.File("mixed.safetensors");
        Checkpoint.Save(path, new Dictionary<string, Tensor>
        {
            ["a"] = ones(3, dtype: ScalarType.Byte),
            ["b"] = ones(3, dtype: ScalarType.Float64),
            ["c"] = ones(1, dtype: ScalarType.Float16),
            ["d"] = ones(5, dtype: ScalarType.Float32),
        });

        var bytes = File.ReadAllBytes(path);
        long length = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        Assert.Equal(0, length % 8);
        using var header = JsonDocument.Parse(bytes.AsMemory(8, (int)length));
        foreach (var (name, size) in new[] { ("a", 1), ("b", 8), ("c", 2), ("d", 4) })
            Assert.Equal(0, header.RootElement.GetProperty(name).GetProperty("data_offsets")[0].GetInt64() % size);

        Assert.Equal(["b", "d", "c", "a"], Checkpoint.Load(path).Keys);
    }

    [Fact]
    public void Metadata_is_kept()
    {
        using var scope = NewDisposeScope();
        string path = _folder.File("notes.safetensors");
        var notes = new Dictionary<string, string> { ["format"] = "pt", ["Ä"] = "line\nbreak" };
        Checkpoint.Save(path, new Dictionary<string, Tensor> { ["x"] = ones(2) }, notes);
        using var reader = CheckpointReader.Open(path);

        Assert.Equal(notes, reader.Metadata);
        Assert.Equal(["x"], reader.Entries.Select(entry => entry.Name));
        Assert.True(reader.Contains("x"));
        Assert.False(reader.Contains("__metadata__"));
    }

    [Theory]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    public void Halves_are_stored_and_widened_in_chunks(ScalarType half)
    {
        // More than one staging buffer (4 MB), and not a multiple of it.
        using var scope = NewDisposeScope();
        var original = randn(2_500_003);
        string path = _folder.File("half.safetensors");
        Checkpoint.Save(path, new Dictionary<string, Tensor> { ["w"] = original, ["steps"] = arange(3) }, storeAs: half);
        using var reader = CheckpointReader.Open(path);

        Assert.Equal(half, reader.Entries.Single(entry => entry.Name == "w").ScalarType);
        Assert.Equal(ScalarType.Int64, reader.Entries.Single(entry => entry.Name == "steps").ScalarType);
        AssertSame(original.to(half).to(ScalarType.Float32), reader.Read("w", ScalarType.Float32));
        AssertSame(original.to(half), reader.Read("w"));
        AssertSame(arange(3).to(ScalarType.Float64), reader.Read("steps", ScalarType.Float64));
    }

    [Fact]
    public void Tensors_that_are_not_contiguous_are_saved_in_row_major_order()
    {
        using var scope = NewDisposeScope();
        var matrix = arange(12, dtype: ScalarType.Float32).view(3, 4);
        string path = _folder.File("strided.safetensors");
        var strided = new Dictionary<string, Tensor>
        {
            ["transposed"] = matrix.t(),
            ["columns"] = matrix.narrow(1, 1, 2),
            ["expanded"] = ones(1, 3).expand(4, 3),
            ["parameter"] = new TorchSharp.Modules.Parameter(matrix.clone()),
        };
        Checkpoint.Save(path, strided);
        foreach (var (name, tensor) in Checkpoint.Load(path))
        {
            AssertSame(strided[name], tensor);
            Assert.True(tensor.is_contiguous());
            Assert.False(tensor.requires_grad);
        }
    }

    [Fact]
    public void A_failed_save_leaves_the_old_file_and_nothing_else()
    {
        string path = _folder.File("kept.safetensors");
        using var scope = NewDisposeScope();
        Checkpoint.Save(path, new Dictionary<string, Tensor> { ["x"] = ones(2) });
        var before = File.ReadAllBytes(path);

        Assert.ThrowsAny<Exception>(() => Checkpoint.Save(path, Failing()));
        Assert.ThrowsAny<Exception>(() => Checkpoint.Save(path, [new("ok", ones(2)), new("complex", ones(2, dtype: ScalarType.ComplexFloat32))]));
        Assert.Throws<CheckpointException>(() => Checkpoint.Save(path, [new("x", ones(2)), new("x", ones(2))]));
        Assert.Throws<CheckpointException>(() => Checkpoint.Save(path, [new("__metadata__", ones(2))]));
        Assert.Throws<CheckpointException>(() => Checkpoint.Save(path, [new("x", ones(2))], storeAs: ScalarType.Int32));
        Assert.Throws<CheckpointException>(() => Checkpoint.Save(_folder.File("no/such/folder"), [new("x", ones(2))]));
        Assert.Throws<CheckpointException>(() => Checkpoint.Save(_folder.Root, [new("x", ones(2))]));

        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(_folder.Root));

        IEnumerable<KeyValuePair<string, Tensor>> Failing()
        {
            yield return new("good", ones(2));
            throw new InvalidOperationException();
        }
    }

    [Fact]
    public void A_failure_in_the_middle_of_writing_removes_the_temporary_file()
    {
        using var scope = NewDisposeScope();
        string path = _folder.File("half-way.safetensors");
        var withoutData = ones(2, device: META);
        Assert.ThrowsAny<Exception>(() => Checkpoint.Save(path, [new("ok", ones(2)), new("meta", withoutData)]));
        Assert.Empty(Directory.GetFiles(_folder.Root));
    }

    [Fact]
    public void A_new_file_replaces_an_old_one()
    {
        using var scope = NewDisposeScope();
        string path = _folder.File("twice.safetensors");
        Checkpoint.Save(path, [new("old", ones(2000))]);
        Checkpoint.Save(path, [new("new", ones(2))]);
        Assert.Equal(["new"], Checkpoint.Load(path).Keys);
    }

    [Fact]
    public void Shards_are_read_through_their_index()
    {
        using var scope = NewDisposeScope();
        Checkpoint.Save(_folder.File("model-1.safetensors"), [new("a", ones(2)), new("unused", ones(1))]);
        Checkpoint.Save(_folder.File("model-2.safetensors"), [new("b", ones(3) * 2)]);
        string path = _folder.Write(
            Encoding.UTF8.GetBytes("""{"metadata": {"total_size": 20}, "weight_map": {"b": "model-2.safetensors", "a": "model-1.safetensors"}}"""),
            "model.safetensors.index.json");
        using var reader = CheckpointReader.Open(path);

        Assert.Equal(["b", "a"], reader.Entries.Select(entry => entry.Name));
        Assert.Equal("20", reader.Metadata["total_size"]);
        AssertSame(ones(3) * 2, reader.Read("b"));
        AssertSame(ones(2), reader.Read("a"));
        Assert.False(reader.Contains("unused"));
    }

    [Theory]
    [InlineData("""{"weight_map": {"a": "../model-1.safetensors"}}""")]
    [InlineData("""{"weight_map": {"a": "/model-1.safetensors"}}""")]
    [InlineData("""{"weight_map": {"a": "x\\..\\model-1.safetensors"}}""")]
    [InlineData("""{"weight_map": {"a": ".."}}""")]
    [InlineData("""{"weight_map": {"a": ""}}""")]
    [InlineData("""{"weight_map": {"a": "missing.safetensors"}}""")]
    [InlineData("""{"weight_map": {"other": "model-1.safetensors"}}""")]
    [InlineData("""{"weight_map": {"a": "model-1.safetensors", "a": "model-1.safetensors"}}""")]
    [InlineData("""{"weight_map": {"a": "index"}}""")]
    [InlineData("""{"weight_map": {"a": 1}}""")]
    [InlineData("""{"weight_map": [] }""")]
    [InlineData("""{"weight_map": {}, "more": {"a" """)]
    [InlineData("""{"no_map": {"a": [1, {"b": []}]}}""")]
    public void A_bad_index_is_refused(string index)
    {
        using var scope = NewDisposeScope();
        Checkpoint.Save(_folder.File("model-1.safetensors"), [new("a", ones(2))]);
        string path = _folder.Write(Encoding.UTF8.GetBytes(index), "index");
        Assert.Throws<CheckpointException>(() => CheckpointReader.Open(path));
    }

    [Fact]
    public void Bytes_of_a_bool_are_made_0_or_1()
    {
        using var scope = NewDisposeScope();
        var file = CheckpointFiles.Safetensors("""{"b":{"dtype":"BOOL","shape":[3],"data_offsets":[0,3]}}""", 3);
        file[^3] = 255;
        file[^1] = 2;
        using var reader = CheckpointReader.Open(_folder.Write(file));
        Assert.Equal([1, 0, 1], reader.Read("b").bytes.ToArray());
        Assert.Equal([1f, 0f, 1f], reader.Read("b", ScalarType.Float32).data<float>().ToArray());
    }

    [Fact]
    public void A_reader_that_is_disposed_says_so_and_its_tensors_stay()
    {
        using var scope = NewDisposeScope();
        var reader = CheckpointReader.Open(CheckpointFiles.Golden("gpt_c2i.safetensors"));
        var tensor = reader.Read("norm.weight");
        reader.Dispose();
        reader.Dispose();
        Assert.Throws<ObjectDisposedException>(() => reader.Read("norm.weight"));
        Assert.Equal([64], tensor.shape);
        Assert.True(tensor.isfinite().all().item<bool>());
    }

    [Fact]
    public void An_unknown_name_is_an_error_that_names_it()
    {
        string path = CheckpointFiles.Golden("gpt_c2i.safetensors");
        using var reader = CheckpointReader.Open(path);
        var error = Assert.Throws<CheckpointException>(() => reader.Read("no.such"));
        Assert.Equal(path, error.Path);
        Assert.Contains("no.such", error.Found, StringComparison.Ordinal);
        Assert.Contains("no.such", error.Message, StringComparison.Ordinal);
    }

    internal static void AssertSame(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.dtype, actual.dtype);
        Assert.Equal(expected.shape, actual.shape);
        Assert.True(expected.eq(actual).all().item<bool>(), "values differ");
    }
}
