using System.Text;
using TorchSharp;
using VaPi.Checkpoints;
using VaPi.Fuzz.Cases;
using VaPi.Tests.Checkpoints.Support;
using VaPi.Tests.Data;
using static TorchSharp.torch;

namespace VaPi.Fuzz.Readers;

/// <summary>Every format that <see cref="CheckpointReader"/> reads, whole and by rows.</summary>
internal static class CheckpointReaders
{
    public static FileReader Safetensors() => Reader("safetensors", SafetensorsSamples.Few());

    public static FileReader Index()
    {
        using DisposeScope scope = NewDisposeScope();
        byte[] first = SafetensorsSamples.Saved(path => Checkpoint.Save(path, [new("a", ones(2, 3)), new("b", zeros(4))]));
        byte[] second = SafetensorsSamples.Saved(path => Checkpoint.Save(path, [new("c", ones(5))]));
        const string index = """{"metadata": {"total_size": 60}, "weight_map": {"a": "part-1.safetensors", "b": "part-1.safetensors", "c": "part-2.safetensors"}}""";
        var sample = new Sample(
            [Encoding.UTF8.GetBytes(index), first, second],
            parts => [new("model.safetensors.index.json", parts[0]), new("part-1.safetensors", parts[1]), new("part-2.safetensors", parts[2])]);
        return Reader("safetensors-index", sample);
    }

    public static FileReader TorchZip()
    {
        using DisposeScope scope = NewDisposeScope();
        byte[] saved = SafetensorsSamples.Saved(path => Checkpoint.SaveTorch(path, [new("a", ones(2, 3)), new("b", zeros(5, ScalarType.Int64))], under: "model"), ".pt");
        return Reader("torch-zip", Zip("stored.pt", deflate: false), Zip("deflated.pt", deflate: true), Sample.Of("saved.pt", saved));
    }

    public static FileReader TorchLegacy()
    {
        byte[] pickle = StateDict(legacy: true).End();
        Sample packed = Sample.Of(
            "packed.pth",
            [pickle, CheckpointFiles.Floats(6), CheckpointFiles.Floats(4)],
            parts => CheckpointFiles.Legacy(new PickleBuilder().Raw(Body(parts[0])), ("0", parts[1]), ("1", parts[2])));
        return Reader(
            "torch-legacy",
            packed,
            Sample.Of("python3.pth", File.ReadAllBytes(CheckpointFiles.Golden("lpips_lin_legacy.pth"))),
            Sample.Of("python2.pth", File.ReadAllBytes(CheckpointFiles.Golden("lpips_lin_legacy_py2.pth"))));
    }

    public static FileReader Numpy() => Reader(
        "npy",
        Sample.Of("floats.npy", NumpyFiles.Counting(0, 3, 4)),
        Sample.Of("bytes.npy", NumpyFiles.Array("|u1", [1, 2, 3], 3)),
        Sample.Of("version3.npy", NumpyFiles.WithHeader("{'descr': '<i8', 'fortran_order': False, 'shape': (), }", new byte[8], major: 3)));

    public static FileReader NumpyArchive() => Reader("npz", Npz("stored.npz", deflate: false), Npz("deflated.npz", deflate: true));

    /// <summary>An archive of arrays.</summary>
    public static Sample Npz(string name, bool deflate, params (string Member, byte[] Array)[] members)
    {
        if (members.Length == 0)
            members = [("first", NumpyFiles.Counting(0, 8, 4)), ("second", NumpyFiles.Counting(100, 6))];
        return Sample.Of(name, [.. members.Select(member => member.Array)], Packed) with { IsCompressed = deflate };

        byte[] Packed(IReadOnlyList<byte[]> parts)
        {
            var zip = new ZipBuilder();
            for (int i = 0; i < parts.Count; i++)
                zip.Entry($"{members[i].Member}.npy", parts[i], deflate);
            return zip.End();
        }
    }

    private static FileReader Reader(string name, params Sample[] samples) => new(name, samples, Read, typeof(CheckpointException));

    private static void Read(string path)
    {
        foreach (Tensor tensor in Checkpoint.Load(path).Values)
            tensor.Dispose();
        using CheckpointReader reader = CheckpointReader.Open(path);
        foreach (TensorEntry entry in reader.Entries.Take(8))
        {
            if (entry.Shape.Count > 0)
                reader.ReadRows(entry.Name, entry.Shape[0] / 2, entry.Shape[0] - (entry.Shape[0] / 2), ScalarType.Float32).Dispose();
        }
    }

    private static Sample Zip(string name, bool deflate)
    {
        return Sample.Of(name, [StateDict(legacy: false).End(), CheckpointFiles.Floats(6), CheckpointFiles.Floats(4), "3\n"u8.ToArray()], Packed) with { IsCompressed = deflate };

        byte[] Packed(IReadOnlyList<byte[]> parts) => new ZipBuilder()
            .Entry("m/data.pkl", parts[0], deflate)
            .Entry("m/data/0", parts[1], deflate)
            .Entry("m/data/1", parts[2], deflate)
            .Entry("m/version", parts[3], deflate)
            .End();
    }

    private static PickleBuilder StateDict(bool legacy) => new PickleBuilder().Ops("}(")
        .Text("model").Global("collections", "OrderedDict").Ops(")R(")
        .Text("w").Tensor("0", 6, [3, 2], [1, 3], legacy: legacy)
        .Text("b").Tensor("1", 4, [4], legacy: legacy)
        .Ops("u}").Text("_metadata").Ops("}sb")
        .Text("args").Global("argparse", "Namespace").Ops(")").Raw(0x81).Ops("}b")
        .Text("epoch").Number(3)
        .Ops("u");

    // The builder begins every pickle and ends it: what was between.
    private static byte[] Body(byte[] pickle) => pickle.Length > 2 ? pickle[2..Math.Max(2, pickle.Length - 1)] : [];
}
