using System.Diagnostics;
using VaPi.Checkpoints;
using VaPi.Tests.Checkpoints.Support;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Checkpoints;

/// <summary>Valid files, damaged at random: they load, or a <see cref="CheckpointException"/> says why not.</summary>
[Collection(AloneCollection.Name)]
public sealed class MutationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Kinds => ["safetensors", "zip", "deflated", "legacy", "legacy py2", "numpy", "index"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Only_checkpoint_exceptions_come_out(string kind)
    {
        using var scope = NewDisposeScope();
        var original = Valid(kind);
        string path = _folder.File("mutant");
        var random = new Random(20240229);
        int refused = 0;
        int loaded = 0;
        var clock = Stopwatch.StartNew();
        while (clock.ElapsedMilliseconds < 600 || loaded + refused < 50)
        {
            File.WriteAllBytes(path, Mutate(original, random));
            try
            {
                foreach (var tensor in Checkpoint.Load(path).Values)
                    tensor.Dispose();

                loaded++;
            }
            catch (CheckpointException)
            {
                refused++;
            }
        }

        Assert.True(refused > 10, $"{refused} refused, {loaded} loaded");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_truncation_is_refused(string kind)
    {
        using var scope = NewDisposeScope();
        var original = Valid(kind);
        Assert.NotEmpty(Checkpoint.Load(_folder.Write(original, "whole")));
        int step = Math.Max(1, original.Length / 120);
        for (int length = 0; length < original.Length; length += step)
        {
            string path = _folder.Write(original[..length], "mutant");
            Assert.Throws<CheckpointException>(() => Checkpoint.Load(path));
        }
    }

    private byte[] Valid(string kind)
    {
        var storages = new[] { ("0", CheckpointFiles.Floats(6)), ("1", CheckpointFiles.Floats(4)) };
        switch (kind)
        {
            case "safetensors":
                Checkpoint.Save(_folder.File("valid"), [new("a", ones(2, 3)), new("b", ones(5, dtype: ScalarType.Bool))], new Dictionary<string, string> { ["k"] = "v" });
                return File.ReadAllBytes(_folder.File("valid"));
            case "zip":
                return CheckpointFiles.Zip(StateDict(false), storages);
            case "deflated":
                return storages.Aggregate(
                    new ZipBuilder().Entry("m/data.pkl", StateDict(false).End(), deflate: true),
                    (zip, storage) => zip.Entry("m/data/" + storage.Item1, storage.Item2, deflate: true)).End();
            case "legacy":
                return CheckpointFiles.Legacy(StateDict(true), storages);
            case "legacy py2":
                return File.ReadAllBytes(CheckpointFiles.Golden("lpips_lin_legacy_py2.pth"));
            case "numpy":
                return Data.NumpyFiles.Counting(0, 3, 4);
            default:
                Checkpoint.Save(_folder.File("s1"), [new("a", ones(2, 3))]);
                return """{"metadata":{"total_size":24},"weight_map":{"a":"s1"}}"""u8.ToArray();
        }
    }

    private static PickleBuilder StateDict(bool legacy) => new PickleBuilder().Ops("}(")
        .Text("model").Global("collections", "OrderedDict").Ops(")R(")
        .Text("w").Tensor("0", 6, [3, 2], [1, 3], legacy: legacy)
        .Text("b").Tensor("1", 4, [4], legacy: legacy)
        .Ops("u}").Text("_metadata").Ops("}sb")
        .Text("args").Global("argparse", "Namespace").Ops(")").Raw(0x81).Ops("}b")
        .Ops("u");

    private static byte[] Mutate(byte[] original, Random random)
    {
        var mutant = original.ToArray();
        switch (random.Next(5))
        {
            case 0:
                return mutant[..random.Next(mutant.Length)];
            case 1:
                int from = random.Next(mutant.Length);
                return [.. mutant[..from], .. mutant[random.Next(mutant.Length)..]];
            case 2:
                mutant[random.Next(mutant.Length)] ^= (byte)(1 << random.Next(8));
                return mutant;
            default:
                // Descriptions sit at the ends of most formats; the data between them hardly matters.
                for (int i = random.Next(1, 8); i > 0; i--)
                {
                    int at = random.Next(3) == 0 ? random.Next(mutant.Length) : random.Next(Math.Min(mutant.Length, 900));
                    mutant[random.Next(2) == 0 ? at : mutant.Length - 1 - at] = random.Next(3) switch { 0 => 0xff, 1 => 0, _ => (byte)random.Next(256) };
                }

                return mutant;
        }
    }
}
