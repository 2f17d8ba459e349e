using System.Diagnostics;
using VaPi.Checkpoints;
using VaPi.Tests.Checkpoints.Support;
using Xunit;
using FileSystem = VaPi.Tests.Data.FileSystem;
using NumpyFiles = VaPi.Tests.Data.NumpyFiles;

namespace VaPi.Tests.Checkpoints;

/// <summary>Every way to lie that we know of ends in a <see cref="CheckpointException"/>, soon and in little memory.</summary>
[Collection(AloneCollection.Name)]
public sealed class HostileFileTests : IDisposable
{
    private const string Entry = """{"dtype":"F32","shape":[2],"data_offsets":[0,8]}""";

    private static readonly (string, byte[]) Storage = ("0", CheckpointFiles.Floats(4));

    private static readonly Dictionary<string, Func<byte[]>> Files = new()
    {
        // Not a checkpoint at all.
        ["empty"] = () => [],
        ["one byte"] = () => [0x80],
        ["text"] = () => "<!DOCTYPE html><html>"u8.ToArray(),
        ["json"] = () => """{"message": "not found"}"""u8.ToArray(),
        ["bare pickle"] = () => new PickleBuilder().Ops("}").End(),

        // Safetensors.
        ["header length 2^63"] = () => CheckpointFiles.Safetensors("{}", headerLength: 1UL << 63),
        ["header length 2^64-1"] = () => CheckpointFiles.Safetensors("{}", headerLength: ulong.MaxValue),
        ["header longer than the file"] = () => CheckpointFiles.Safetensors("{}", headerLength: 3),
        ["header over 100 MB"] = () => CheckpointFiles.Safetensors("{}", 100, 101_000_000),
        ["header of nothing"] = () => CheckpointFiles.Safetensors("{}", headerLength: 0),
        ["header cut short"] = () => CheckpointFiles.Safetensors("{\"a\":" + Entry + "}", 8, 20),
        ["header is not JSON"] = () => CheckpointFiles.Safetensors("{nothing}"),
        ["header with more behind"] = () => CheckpointFiles.Safetensors("{} {}"),
        ["header is deep"] = () => CheckpointFiles.Safetensors("{\"a\":" + new string('[', 100_000) + "}"),
        ["a field is deep"] = () => CheckpointFiles.Safetensors("{\"a\":{\"b\":" + new string('[', 100_000) + "}}"),
        ["broken Unicode"] = () => CheckpointFiles.Safetensors("""{"\ud800":{}}"""),
        ["data missing"] = () => CheckpointFiles.Safetensors("{\"a\":" + Entry + "}", 7),
        ["data left over"] = () => CheckpointFiles.Safetensors("{\"a\":" + Entry + "}", 9),
        ["duplicate names"] = () => CheckpointFiles.Safetensors("{\"a\":" + Entry + ",\"a\":" + Entry + "}", 8),
        ["duplicate fields"] = () => CheckpointFiles.Safetensors("""{"a":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8),
        ["duplicate metadata"] = () => CheckpointFiles.Safetensors("""{"__metadata__":{"a":"1","a":"2"}}"""),
        ["metadata twice"] = () => CheckpointFiles.Safetensors("""{"__metadata__":{},"__metadata__":{}}"""),
        ["metadata is no text"] = () => CheckpointFiles.Safetensors("""{"__metadata__":{"a":1}}"""),
        ["overlap"] = () => CheckpointFiles.Safetensors($$$"""{"a":{{{Entry}}},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}""", 12),
        ["same place twice"] = () => CheckpointFiles.Safetensors("{\"a\":" + Entry + ",\"b\":" + Entry + "}", 8),
        ["hole"] = () => CheckpointFiles.Safetensors($$$"""{"a":{{{Entry}}},"b":{"dtype":"F32","shape":[2],"data_offsets":[12,20]}}""", 20),
        ["offsets reversed"] = () => CheckpointFiles.Safetensors("""{"a":{"dtype":"F32","shape":[0],"data_offsets":[8,0]}}""", 8),
        ["offsets and shape disagree"] = () => CheckpointFiles.Safetensors("""{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}""", 8),
        ["negative size"] = () => CheckpointFiles.Safetensors("""{"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}}""", 8),
        ["fractional size"] = () => CheckpointFiles.Safetensors("""{"a":{"dtype":"F32","shape":[2.5],"data_offsets":[0,8]}}""", 8),
        ["overflowing shape"] = () => CheckpointFiles.Safetensors("""{"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0]}}"""),
        ["overflow hidden by a zero"] = () => CheckpointFiles.Safetensors("""{"a":{"dtype":"F32","shape":[4294967296,4294967296,4294967296,0],"data_offsets":[0,0]}}"""),
        ["a hundred sizes"] = () => CheckpointFiles.Safetensors($$$"""{"a":{"dtype":"F32","shape":[{{{string.Join(',', Enumerable.Repeat(1, 100))}}}],"data_offsets":[0,4]}}""", 4),
        ["terabytes"] = () => CheckpointFiles.Safetensors("""{"a":{"dtype":"F32","shape":[1000000000000],"data_offsets":[0,4000000000000]}}"""),
        ["unknown dtype"] = () => CheckpointFiles.Safetensors("""{"a":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]}}""", 2),
        ["dtype missing"] = () => CheckpointFiles.Safetensors("""{"a":{"shape":[2],"data_offsets":[0,8]}}""", 8),
        ["three offsets"] = () => CheckpointFiles.Safetensors("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}}""", 8),
        ["tensor is a list"] = () => CheckpointFiles.Safetensors("""{"a":[1,2]}"""),
        ["very many tensors"] = () => CheckpointFiles.Safetensors(
            "{" + string.Join(',', Enumerable.Range(0, 300_000).Select(i => $$"""  "{{i}}":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}""")) + "}"),
        ["very long name"] = () => CheckpointFiles.Safetensors("{\"" + new string('a', 30_000_000) + "\":1}"),
        ["metadata without end"] = () => CheckpointFiles.Safetensors(
            "{\"__metadata__\":{" + string.Join(',', Enumerable.Range(0, 1_000_000).Select(i => $"\"{i}\":\"\"")) + "}}"),

        // Pickles.
        ["os.system"] = () => Pickle(p => p.Global("os", "system").Text("true").Raw(0x85).Ops("R")),
        ["posix.system"] = () => Pickle(p => p.Global("posix", "system").Text("true").Raw(0x85).Ops("R")),
        ["eval by STACK_GLOBAL"] = () => Pickle(p => p.Text("builtins").Text("eval").Raw(0x93).Text("1").Raw(0x85).Ops("R")),
        ["getattr"] = () => Pickle(p => p.Global("__builtin__", "getattr")),
        ["numpy scalar"] = () => Pickle(p => p.Global("numpy.core.multiarray", "scalar")),
        ["torch.load in a pickle"] = () => Pickle(p => p.Global("torch", "load").Text("x").Raw(0x85).Ops("R")),
        ["dotted name"] = () => Pickle(p => p.Global("torch._utils", "_rebuild_tensor_v2.__globals__")),
        ["storage called"] = () => Pickle(p => p.Global("torch", "FloatStorage").Number(1L << 40).Raw(0x85).Ops("R")),
        ["extension"] = () => Pickle(p => p.Raw(0x82, 1)),
        ["INST of protocol 0"] = () => Pickle(p => p.Ops("(ios\nsystem\n")),
        ["text integer"] = () => Pickle(p => p.Ops("I1\n")),
        ["protocol 9"] = () => CheckpointFiles.Zip(new PickleBuilder(9).Ops("}")),
        ["global name without end"] = () => Pickle(p => p.Ops("c" + new string('a', 100_000))),
        ["nested lists"] = () => Pickle(p => p.Repeat(200_000, q => q.Ops("]"))),
        ["nested and closed lists"] = () => Pickle(p => p.Repeat(90_000, q => q.Ops("]")).Repeat(89_999, q => q.Ops("a"))),
        ["nested dictionaries"] = () => Pickle(p => p.Repeat(1000, q => q.Ops("}").Text("k")).Ops("}").Repeat(1000, q => q.Ops("s"))),
        ["nested tuples"] = () => Pickle(p => p.Ops(")").Repeat(100_000, q => q.Raw(0x85))),
        ["marks without end"] = () => Pickle(p => p.Repeat(1_000_000, q => q.Ops("("))),
        ["list in itself"] = () => Pickle(p => p.Ops("]q\0h\0a")),
        ["dictionary in itself"] = () => Pickle(p => p.Ops("}q\0").Text("k").Ops("h\0s")),
        ["dictionary in itself, indirectly"] = () => Pickle(p => p.Ops("}q\0").Text("k").Ops("]h\0as")),
        ["billion laughs"] = () => Pickle(Laughs),
        ["memo without end"] = () => Pickle(p => p.Ops("N").Repeat(3_000_000, q => q.Raw(0x94))),
        ["operations without end"] = () => Pickle(p => p.Repeat(9_000_000, q => q.Ops("N0"))),
        ["lists without end"] = () => Pickle(p => p.Repeat(9_000_000, q => q.Ops("]0"))),
        ["dictionaries out of one list"] = () => Pickle(p => p
            .Ops("]q\x1(NN").Raw(0x86).Ops("q\0").Repeat(50_000, q => q.Ops("h\0")).Ops("e")
            .Repeat(10_000, q => q.Global("collections", "OrderedDict").Ops("h\x1").Raw(0x85).Ops("R0"))),
        ["empty stack"] = () => Pickle(p => p.Ops("R")),
        ["pop beyond a mark"] = () => Pickle(p => p.Ops("}(").Raw(0x85)),
        ["no mark"] = () => Pickle(p => p.Ops("NNt")),
        ["odd items"] = () => Pickle(p => p.Ops("}(Nu")),
        ["append to a dictionary"] = () => Pickle(p => p.Ops("}Na")),
        ["memo never written"] = () => Pickle(p => p.Ops("h\x5")),
        ["state for a list"] = () => Pickle(p => p.Ops("]}b")),
        ["long of 2 GB"] = () => Pickle(p => p.Number4('\x8b', int.MaxValue)),
        ["long of negative length"] = () => Pickle(p => p.Number4('\x8b', -1)),
        ["long of a megabyte"] = () => Pickle(p => p.Number4('\x8b', 1_000_000).Raw(new byte[1_000_000])),
        ["string of 2 GB"] = () => Pickle(p => p.Number4('X', int.MaxValue)),
        ["string of 2^63"] = () => Pickle(p => p.Raw(0x8d, 0, 0, 0, 0, 0, 0, 0, 0x80)),
        ["bytes of 30 MB"] = () => Pickle(p => p.Number4('B', 30_000_000)),
        ["pickle stops early"] = () => new ZipBuilder().Entry("m/data.pkl", [0x80, 2, (byte)'}']).End(),

        // Tensors in pickles.
        ["beyond its storage"] = () => Tensor(p => p.Tensor("0", 4, [5])),
        ["offset beyond"] = () => Tensor(p => p.Tensor("0", 4, [1], offset: 4)),
        ["negative offset"] = () => Tensor(p => p.Tensor("0", 4, [1], offset: -1)),
        ["offset overflow"] = () => Tensor(p => p.Tensor("0", 4, [2], [long.MaxValue], offset: long.MaxValue)),
        ["stride beyond"] = () => Tensor(p => p.Tensor("0", 4, [2, 2], [3, 1])),
        ["stride overflow"] = () => Tensor(p => p.Tensor("0", 4, [3], [long.MaxValue])),
        ["negative stride"] = () => Tensor(p => p.Tensor("0", 4, [2], [-1], offset: 1)),
        ["overlapping strides"] = () => Tensor(p => p.Tensor("0", 4, [2, 2], [1, 1])),
        ["expand bomb"] = () => Tensor(p => p.Tensor("0", 4, [1L << 40], [0])),
        ["negative tensor size"] = () => Tensor(p => p.Tensor("0", 4, [-4])),
        ["overflowing tensor"] = () => Tensor(p => p.Tensor("0", 4, [1L << 32, 1L << 32], [0, 0])),
        ["huge and empty tensor"] = () => Tensor(p => p.Tensor("0", 4, [long.MaxValue, long.MaxValue, 0], [1, 1, 1])),
        ["strides missing"] = () => Tensor(p => p.Tensor("0", 4, [2, 2], [1])),
        ["sizes are text"] = () => Tensor(p => p.Global("torch._utils", "_rebuild_tensor").Ops("(").Storage("0", 4).Number(0).Text("a").Text("b").Ops("tR")),
        ["storage is a number"] = () => Tensor(p => p.Global("torch._utils", "_rebuild_tensor").Ops("(").Number(0).Number(0).Numbers(1).Numbers(1).Ops("tR")),
        ["storage larger than its entry"] = () => Tensor(p => p.Tensor("0", 1L << 40, [1L << 40])),
        ["storage of 2^63"] = () => Tensor(p => p.Tensor("0", long.MaxValue, [4])),
        ["storage of negative size"] = () => Tensor(p => p.Tensor("0", -4, [0])),
        ["storage missing"] = () => Tensor(p => p.Tensor("1", 4, [4])),
        ["storage in two types"] = () => Tensor(p => p.Ops("(").Tensor("0", 4, [4]).Tensor("0", 2, [2], type: "DoubleStorage").Ops("t")),
        ["storage elsewhere"] = () => Tensor(p => p.Tensor("../../other", 4, [4])),
        ["persistent id is text"] = () => Tensor(p => p.Text("storage").Ops("Q")),
        ["module id"] = () => Tensor(p => p.Ops("(").Text("module").Text("m").Text("f").Text("s").Number(1).Ops("tQ")),
        ["names collide"] = () => Tensor(p => p.Ops("}(").Text("a.b").Tensor("0", 4, [4]).Text("a").Ops("}").Text("b").Tensor("0", 4, [4]).Ops("su")),
        ["tensor under no name"] = () => Tensor(p => p.Ops("}N").Tensor("0", 4, [4]).Ops("s")),
        ["conjugated"] = () => Tensor(p => p.Global("torch._utils", "_rebuild_tensor_v2").Ops("(").Storage("0", 4).Number(0).Numbers(1).Numbers(1)
            .Raw(0x89).Ops("}}").Text("neg").Raw(0x88).Ops("stR")),
        ["complex storage"] = () => Tensor(p => p.Tensor("0", 2, [2], type: "ComplexFloatStorage")),

        // Zip archives.
        ["no data.pkl"] = () => new ZipBuilder().Entry("m/other", [1]).End(),
        ["two data.pkl"] = () => new ZipBuilder().Entry("a/data.pkl", Minimal()).Entry("b/data.pkl", Minimal()).End(),
        ["traversal"] = () => new ZipBuilder().Entry("m/data.pkl", Minimal()).Entry("m/../../etc", [1]).End(),
        ["absolute name"] = () => new ZipBuilder().Entry("m/data.pkl", Minimal()).Entry("/etc/x", [1]).End(),
        ["backslash name"] = () => new ZipBuilder().Entry("m/data.pkl", Minimal()).Entry("m\\x", [1]).End(),
        ["entry twice"] = () => new ZipBuilder().Entry("m/data.pkl", Minimal()).Entry("m/data.pkl", Minimal()).End(),
        ["big-endian"] = () => new ZipBuilder().Entry("m/data.pkl", Minimal()).Entry("m/byteorder", "big"u8.ToArray()).End(),
        ["odd byte order"] = () => new ZipBuilder().Entry("m/data.pkl", Minimal()).Entry("m/byteorder", "middle"u8.ToArray()).End(),
        ["encrypted"] = () => new ZipBuilder().Entry("m/data.pkl", Minimal(), flags: 1).End(),
        ["unusual packing"] = () => new ZipBuilder().Entry("m/data.pkl", Minimal(), method: 14).End(),
        ["stored with two sizes"] = () => new ZipBuilder().Entry("m/data.pkl", Minimal(), declaredLength: 1000).End(),
        ["bomb in the pickle"] = () => new ZipBuilder().Entry("m/data.pkl", new byte[200_000_000], deflate: true).End(),
        ["bomb in a storage"] = () => new ZipBuilder().Entry("m/data.pkl", StoragePickle(50_000_000)).Entry("m/data/0", new byte[200_000_000], deflate: true).End(),
        ["pickle inflates beyond its size"] = () => new ZipBuilder().Entry("m/data.pkl", Endless(), deflate: true, declaredLength: 100).End(),
        ["pickle inflates to less"] = () => new ZipBuilder().Entry("m/data.pkl", [0x80, 2], deflate: true, declaredLength: 500).End(),
        ["not deflated at all"] = () => new ZipBuilder().Entry("m/data.pkl", new byte[40], method: 8).End(),
        ["header elsewhere"] = () => new ZipBuilder().Entry("m/data.pkl", Minimal(), position: 3).End(),
        ["entry outside"] = () => new ZipBuilder().Entry("m/data.pkl", Minimal(), position: 4_000_000_000).End(),
        ["shared local header"] = () => new ZipBuilder().Entry("m/other000", Minimal()).Entry("m/data.pkl", Minimal(), position: 0).End(),
        ["no end record"] = () => new ZipBuilder().Entry("m/data.pkl", Minimal()).End()[..^1],
        ["directory outside"] = () => new ZipBuilder().Entry("m/data.pkl", Minimal()).End(directoryStart: 4_000_000_000),
        ["directory too long"] = () => new ZipBuilder().Entry("m/data.pkl", Minimal()).End(directoryLength: 4_000_000_000),
        ["more entries than there are"] = () => new ZipBuilder().Entry("m/data.pkl", Minimal()).End(count: 60_000),
        ["local header only"] = () => "PK\x03\x04"u8.ToArray(),

        // Legacy files.
        ["legacy: magic only"] = () => CheckpointFiles.Legacy(new PickleBuilder().Ops("}"))[..15],
        ["legacy: os.system"] = () => CheckpointFiles.Legacy(new PickleBuilder().Global("os", "system").Text("true").Raw(0x85).Ops("R")),
        ["legacy: os.system in the keys"] = () => [.. LegacyWithoutKeys(), .. new PickleBuilder().Global("os", "system").End()],
        ["legacy: keys are a number"] = () => [.. LegacyWithoutKeys(), .. new PickleBuilder().Number(1).End()],
        ["legacy: data cut short"] = () => CheckpointFiles.Legacy(LegacyTensor(), Storage)[..^1],
        ["legacy: storage size differs"] = () => CheckpointFiles.Legacy(LegacyTensor(), ("0", CheckpointFiles.Floats(5))),
        ["legacy: storage unknown"] = () => CheckpointFiles.Legacy(LegacyTensor(), Storage, ("1", [])),
        ["legacy: storage twice"] = () => CheckpointFiles.Legacy(LegacyTensor(), Storage, Storage),
        ["legacy: storage missing"] = () => CheckpointFiles.Legacy(LegacyTensor()),
        ["legacy: view of a storage"] = () => CheckpointFiles.Legacy(
            new PickleBuilder().Global("torch._utils", "_rebuild_tensor").Ops("(").Storage("0", 4, legacy: true, view: true).Number(0).Numbers(4).Numbers(1).Ops("tR"), Storage),
        ["legacy: huge storage"] = () => CheckpointFiles.Legacy(new PickleBuilder().Tensor("0", long.MaxValue, [4], legacy: true), Storage),
    };

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Names => [.. Files.Keys];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public void A_hostile_file_is_refused_quickly_and_cheaply(string name)
    {
        string path = _folder.Write(Files[name]());
        GC.Collect();
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        var clock = Stopwatch.StartNew();
        var error = Assert.Throws<CheckpointException>(() => CheckpointReader.Open(path));
        clock.Stop();
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;

        Assert.Equal(path, error.Path);
        Assert.True(error.Message.Length < 2000, error.Message);
        Assert.True(allocated < 64 << 20, $"{allocated} bytes were allocated");
        Assert.True(clock.ElapsedMilliseconds < 1000, $"it took {clock.Elapsed}");
    }

    [Fact]
    public void What_was_refused_is_named()
    {
        var error = Assert.Throws<CheckpointException>(() => CheckpointReader.Open(_folder.Write(Files["posix.system"]())));
        Assert.Contains("posix.system", error.Found, StringComparison.Ordinal);
        Assert.Contains("OrderedDict", error.Allowed, StringComparison.Ordinal);
        Assert.NotEmpty(error.Remedy);
    }

    [Fact]
    public async Task Pipes_and_devices_are_refused_without_opening_them()
    {
        if (OperatingSystem.IsWindows())
            return;
        string pipe = _folder.File("pipe.safetensors");
        FileSystem.MakePipe(pipe);
        File.CreateSymbolicLink(_folder.File("to-pipe.npy"), pipe);
        File.CreateSymbolicLink(_folder.File("zeros.pt"), "/dev/zero");
        File.CreateSymbolicLink(_folder.File("circle.pt"), _folder.File("circle.pt"));
        _folder.Write("""{"weight_map":{"a":"pipe.safetensors"}}"""u8.ToArray(), "index.json");
        foreach (string name in new[] { "pipe.safetensors", "to-pipe.npy", "zeros.pt", "circle.pt", "index.json" })
            await Task.Run(() => Assert.Throws<CheckpointException>(() => CheckpointReader.Open(_folder.File(name)))).WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public void What_is_not_a_file_is_refused()
    {
        Assert.Throws<CheckpointException>(() => CheckpointReader.Open(_folder.Root));
        Assert.Throws<CheckpointException>(() => CheckpointReader.Open(_folder.File("missing.pt")));
        Assert.Throws<CheckpointException>(() => CheckpointReader.Open(_folder.File("no/such/folder.pt")));
        Assert.Throws<CheckpointException>(() => CheckpointReader.Open("nul\0byte"));
        Assert.Throws<CheckpointException>(() => Checkpoint.Load(_folder.File("missing.pt")));
        Assert.Throws<CheckpointException>(() => CheckpointReader.Open(_folder.Write([], "empty.safetensors")));
        Assert.Throws<CheckpointException>(() => CheckpointReader.Open(_folder.Write(new byte[100], "zeros.safetensors")));
    }

    [Fact]
    public void One_storage_under_many_names_is_not_loaded_as_a_whole()
    {
        const int count = 1_000_000;
        var pickle = new PickleBuilder().Ops("](").Repeat(300, p => p.Tensor("0", count, [count])).Ops("e");
        string path = _folder.Write(CheckpointFiles.Zip(pickle, ("0", CheckpointFiles.Floats(count))));
        Assert.Throws<CheckpointException>(() => Checkpoint.Load(path));
        using var reader = CheckpointReader.Open(path);
        using var one = reader.Read("299");
        Assert.Equal(count, one.NumberOfElements);
    }

    [Fact]
    public void A_file_that_shrinks_while_it_is_open_is_noticed()
    {
        string path = _folder.Write(File.ReadAllBytes(CheckpointFiles.Golden("gpt_c2i.pt")));
        using var reader = CheckpointReader.Open(path);
        if (OperatingSystem.IsWindows())
            return;

        using (var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
            RandomAccess.SetLength(handle, 20_000);

        Assert.Throws<CheckpointException>(() => reader.Read(reader.Entries[^1].Name));
    }

    [Fact]
    public void Rows_of_compressed_data_are_inflated_once_when_they_are_read_in_order()
    {
        const int rows = 4000;
        byte[] noise = new byte[rows * 1024];
        new Random(1).NextBytes(noise);
        string path = _folder.Write(new ZipBuilder().Entry("rows.npy", NumpyFiles.Array("|u1", noise, rows, 1024), deflate: true).End());
        using CheckpointReader reader = CheckpointReader.Open(path);
        TimeSpan Taken(IEnumerable<int> order)
        {
            TimeSpan before = Environment.CpuUsage.TotalTime;
            foreach (int row in order)
            {
                using var read = reader.ReadRows("rows", row, 1);
                Assert.Equal(noise.AsSpan(row * 1024, 1024), read.bytes);
            }

            return Environment.CpuUsage.TotalTime - before;
        }

        // Backwards each row is a new beginning: a hundred of them inflate half of the file each on average.
        TimeSpan backwards = Taken(Enumerable.Range(0, 100).Select(row => rows - 1 - (row * 40)));
        TimeSpan forwards = Taken(Enumerable.Range(0, rows));
        Assert.True(forwards < backwards * 4, $"{forwards} for all rows, {backwards} for 100 of them backwards");
    }

    [Fact]
    public void Messages_have_no_control_characters_of_the_file()
    {
        var error = new CheckpointException("a\u001b[2Jb", "a line\nof a log\u2028", "text", "Look");
        Assert.Equal("a?[2Jb: a line?of a log?. Allowed: text. Look.", error.Message);
        Assert.Equal("a\u001b[2Jb", error.Path);
    }

    private static byte[] Pickle(params Action<PickleBuilder>[] parts)
    {
        var pickle = new PickleBuilder(4);
        foreach (var part in parts)
            part(pickle);

        return CheckpointFiles.Zip(pickle);
    }

    private static byte[] Tensor(Action<PickleBuilder> part)
    {
        var pickle = new PickleBuilder();
        part(pickle);
        return CheckpointFiles.Zip(pickle, Storage);
    }

    private static byte[] Minimal() => new PickleBuilder().Ops("}").End();

    private static byte[] StoragePickle(long count) => new PickleBuilder().Tensor("0", count, [count]).End();

    private static byte[] Endless() => new PickleBuilder().Repeat(1000, p => p.Ops("N0")).Ops("N").End();

    private static PickleBuilder LegacyTensor() => new PickleBuilder().Tensor("0", 4, [4], legacy: true);

    // The list of keys is the last pickle; "80 02 5d 28 65 2e" when it is empty.
    private static byte[] LegacyWithoutKeys() => CheckpointFiles.Legacy(new PickleBuilder().Ops("}"))[..^6];

    // Each dictionary holds the one before it twice: 2^60 paths.
    private static void Laughs(PickleBuilder pickle)
    {
        pickle.Ops("}q\0");
        for (int i = 0; i < 60; i++)
            pickle.Ops("}(").Text("a").Ops("h\0").Text("b").Ops("h\0uq\0");
    }
}
