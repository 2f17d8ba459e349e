using TorchSharp;
using VaPi.Checkpoints;
using VaPi.Data;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Data;

public sealed class CaptionFeaturesTests : IDisposable
{
    private const string Shape = "'fortran_order': False, 'shape': (2, 3)";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_version_of_the_format_is_read(byte version)
    {
        byte[] file = NumpyFiles.WithHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 3), }", NumpyFiles.Bytes([0, 1, 2, 3, 4, 5]), version);
        AssertFeatures(_folder.Write("a.npy", file));
    }

    [Theory]
    [InlineData("<f2", ScalarType.Float16)]
    [InlineData("<f4", ScalarType.Float32)]
    [InlineData("<f8", ScalarType.Float64)]
    public void Every_width_of_float_becomes_float32(string type, ScalarType stored)
    {
        using Tensor values = arange(6, stored);
        AssertFeatures(_folder.Write("a.npy", NumpyFiles.Array(type, values.bytes.ToArray(), 2, 3)));
    }

    [Fact]
    public void What_Python_2_wrote_is_read() =>
        AssertFeatures(_folder.Write("a.npy", NumpyFiles.WithHeader("{\"descr\":'<f4' , 'shape': (2L, 3L), 'fortran_order':False}", NumpyFiles.Bytes([0, 1, 2, 3, 4, 5]))));

    [Theory]
    [InlineData("anything", false)]
    [InlineData("features", true)]
    public void Safetensors_are_read_by_their_only_tensor_or_the_usual_name(string name, bool withOthers)
    {
        using DisposeScope scope = NewDisposeScope();
        string path = Path.Combine(_folder.Path, "a.safetensors");
        var tensors = new Dictionary<string, Tensor> { [name] = arange(6, ScalarType.BFloat16).view(1, 2, 3) };
        if (withOthers)
            tensors.Add("mask", ones(2));
        Checkpoint.Save(path, tensors);
        AssertFeatures(path);
        AssertFeatures(path, name);
    }

    [Fact]
    public void A_tensor_that_is_not_there_is_named()
    {
        using DisposeScope scope = NewDisposeScope();
        string path = Path.Combine(_folder.Path, "a.safetensors");
        Checkpoint.Save(path, new Dictionary<string, Tensor> { ["a"] = ones(2, 3), ["b"] = ones(2, 3) });
        Assert.Contains("none called 'features'", Refused(path), StringComparison.Ordinal);
        Assert.Contains("none called 'c'", Assert.Throws<ImageDataException>(() => CaptionFeatures.Load(path, "c")).Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, string> Headers => new()
    {
        { "{'descr': '>f4', " + Shape + "}", "lowest byte first" },
        { "{'descr': '|O', " + Shape + "}", "'|O'" },
        { "{'descr': '<i8', " + Shape + "}", "24 follow the header" },
        { "{'descr': '<i4', " + Shape + "}", "Int32 (2, 3)" },
        { "{'descr': [('a', '<f4')], " + Shape + "}", "arrays of records" },
        { "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3)}", "ascontiguousarray" },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (6,)}", "(6)" },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1, 3)}", "(2, 1, 3)" },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': ()}", "4 bytes, and 24 follow" },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 4)}", "32 bytes, and 24 follow" },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (999999999999999999, 999999999999999999)}", "can exist" },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999999999999, 3)}", "18 digits" },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 3)}", "does not parse" },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)", "does not parse" },
        { "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)} x", "nothing more" },
        { "{'descr': '<f4', 'fortran_order': __import__('os'), 'shape': (2, 3)}", "True or False" },
        { "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}", "twice" },
        { "{'descr': '<f4', 'shape': (2, 3)}", "does not describe" },
        { "{'descr': '<f", "does not parse" },
        { "", "does not parse" },
    };

    [Theory]
    [MemberData(nameof(Headers))]
    public void Other_arrays_are_refused_with_the_reason(string header, string reason)
    {
        string path = _folder.Write("a.npy", NumpyFiles.WithHeader(header, NumpyFiles.Bytes([0, 1, 2, 3, 4, 5])));
        string message = Refused(path);
        Assert.Contains(path, message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_header_that_claims_gigabytes_costs_no_memory()
    {
        string longHeader = _folder.Write("a.npy", [0x93, .. "NUMPY"u8, 2, 0, 0xFF, 0xFF, 0xFF, 0x7F, .. "{'descr'"u8]);
        string longArray = _folder.Write("b.npy", NumpyFiles.WithHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000, 100000)}", [1, 2, 3, 4]));
        Refused(longHeader);

        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("2147483647 bytes", Refused(longHeader), StringComparison.Ordinal);
        Assert.Contains("400000000000 bytes, and 4 follow", Refused(longArray), StringComparison.Ordinal);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
    }

    [Theory]
    [InlineData("(0, 99999999999)")]
    [InlineData("(1, 0, 65537)")]
    public void A_caption_without_places_cannot_claim_a_width_that_padding_would_pay_for(string shape)
    {
        string path = _folder.Write("a.npy", NumpyFiles.WithHeader($"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}}}", []));
        Assert.Contains("65536 of them wide", Refused(path), StringComparison.Ordinal);
    }

    [Fact]
    public void A_caption_may_be_without_places()
    {
        using Tensor features = CaptionFeatures.Load(_folder.Write("a.npy", NumpyFiles.WithHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 0, 65536)}", [])));
        Assert.Equal([0, 65536], features.shape);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Features_that_would_ruin_a_policy_are_refused(float value) =>
        Assert.Contains("finite", Refused(_folder.Write("a.npy", NumpyFiles.Array("<f4", NumpyFiles.Bytes([0, 1, value, 3]), 2, 2))), StringComparison.Ordinal);

    [Fact]
    public async Task What_is_no_file_is_refused_without_opening_it()
    {
        Assert.Throws<FileNotFoundException>(() => CaptionFeatures.Load(Path.Combine(_folder.Path, "none.npy")));
        Assert.Contains("is a folder", Refused(_folder.Path), StringComparison.Ordinal);
        Assert.Contains("is empty", Refused(_folder.Write("empty.npy", [])), StringComparison.Ordinal);
        Assert.Contains("no known format", Refused(_folder.Write("text.npy", "no features"u8.ToArray())), StringComparison.Ordinal);
        if (OperatingSystem.IsWindows())
            return;
        string pipe = Path.Combine(_folder.Path, "pipe.npy");
        FileSystem.MakePipe(pipe);
        await Task.Run(() => Refused(pipe)).WaitAsync(TimeSpan.FromSeconds(30));
    }

    private static void AssertFeatures(string path, string? name = null)
    {
        using Tensor expected = arange(6, ScalarType.Float32).view(2, 3);
        using Tensor features = CaptionFeatures.Load(path, name);
        Assert.Equal(ScalarType.Float32, features.dtype);
        Expect.Identical(expected, features);
    }

    private static string Refused(string path) => Assert.Throws<ImageDataException>(() => CaptionFeatures.Load(path)).Message;
}
