using System.IO.Compression;
using System.Text;
using TorchSharp;
using VaPi.Checkpoints;
using VaPi.Evaluation;
using VaPi.Evaluation.Features;
using VaPi.Evaluation.Files;
using VaPi.Models.Tests.Support;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.Evaluation;

/// <summary>The field's <c>.npz</c> files: reference statistics and samples.</summary>
public sealed class ArchiveTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Optimal)]
    public void Statistics_are_read_as_NumPy_writes_them(CompressionLevel compression)
    {
        string path = _folder.File("reference.npz");
        Npz(path, compression, ("mu", "<f8", "(2,)", [1.5, -2]), ("sigma", "<f8", "(2, 2)", [4, 1, 1, 9]), ("mu_s", "<f8", "(1,)", [7]), ("sigma_s", "<f8", "(1, 1)", [2]));

        using FeatureCollection reference = FeatureCollection.Load(path);

        Assert.Equal([1.5, -2], reference.Statistics.Mean.data<double>().ToArray());
        Assert.Equal([4, 1, 1, 9], reference.Statistics.Covariance.data<double>().ToArray());
        Assert.Equal(7, reference.SpatialStatistics!.Mean.item<double>());
        Assert.Null(reference.Count);
        Assert.Null(reference.Features);
    }

    [Fact]
    public void Statistics_come_back_as_they_were_saved()
    {
        using DisposeScope scope = NewDisposeScope();
        string path = _folder.File("statistics.npz");
        using FeatureCollection first = FeatureCollection.Of(new SpatialToy(), ImageStream.Of(Toys.Images(20), 7));
        first.Save(path);
        first.Save(path); // a file that is there is replaced
        using FeatureCollection second = FeatureCollection.Load(path);
        Same.AssertExact(first.Statistics.Mean, second.Statistics.Mean);
        Same.AssertExact(first.Statistics.Covariance, second.Statistics.Covariance);
        Same.AssertExact(first.SpatialStatistics!.Covariance, second.SpatialStatistics!.Covariance);
        Assert.Equal(["statistics.npz"], Directory.GetFiles(_folder.Root).Select(Path.GetFileName));
    }

    [Fact]
    public void Samples_are_bytes_in_the_fields_order_and_rounding()
    {
        using DisposeScope scope = NewDisposeScope();
        string path = _folder.File("samples.npz");
        Tensor images = Toys.Images(5) * 1.2; // some beyond the range
        using (var writer = new SampleArchiveWriter(path))
        {
            foreach (Tensor part in images.split(2))
                writer.Add(part);
            Assert.False(File.Exists(path));
            writer.Complete();
        }

        using CheckpointReader file = CheckpointReader.Open(path);
        Tensor stored = file.Read("arr_0");
        Assert.Equal([5, 12, 8, 3], stored.shape);
        foreach ((long image, long channel, long row, long column) in new[] { (0L, 0L, 0L, 0L), (4, 2, 11, 7), (2, 1, 3, 6) })
        {
            float value = images[image, channel, row, column].item<float>();
            Assert.Equal((byte)Math.Clamp(Math.Truncate(127.5 * value + 128), 0, 255), stored[image, row, column, channel].item<byte>());
        }

        Assert.Equal([path], Directory.GetFiles(_folder.Root));
    }

    [Fact]
    public void Samples_come_back_batch_by_batch_and_are_then_exact()
    {
        using DisposeScope scope = NewDisposeScope();
        (string first, string second) = (_folder.File("first.npz"), _folder.File("second.npz"));
        Write(first, Toys.Images(7));
        Tensor[] batches = [.. SampleArchive.Read(first, 3)];
        Assert.Equal([3, 3, 1], batches.Select(batch => batch.shape[0]));
        Assert.True((cat(batches) - Toys.Images(7)).abs().max().item<float>() <= 1 / 127.5f);
        Write(second, cat(batches));
        Same.AssertExact(cat(batches), cat([.. SampleArchive.Read(second, 7)]));

        static void Write(string path, Tensor images)
        {
            using var writer = new SampleArchiveWriter(path);
            writer.Add(images);
            writer.Complete();
        }
    }

    [Fact]
    public void Without_completion_nothing_stays()
    {
        using (var writer = new SampleArchiveWriter(_folder.File("samples.npz")))
        using (Tensor images = Toys.Images(2))
        {
            Assert.Throws<InvalidOperationException>(writer.Complete);
            writer.Add(images);
            using Tensor narrower = images.narrow(3, 0, 4);
            Assert.Contains("(N, 3, 12, 8)", Assert.Throws<ArgumentException>(() => writer.Add(narrower)).Message, StringComparison.Ordinal);
            using Tensor broken = images * float.NaN;
            Assert.Throws<ArgumentException>(() => writer.Add(broken));
        }

        Assert.Empty(Directory.GetFiles(_folder.Root));
    }

    [Fact]
    public void Files_of_something_else_are_named_with_what_they_hold()
    {
        string images = _folder.File("images.npz");
        Npz(images, CompressionLevel.NoCompression, ("arr_0", "<f8", "(2,)", [1, 2]));
        Assert.Contains("'arr_0'", Assert.Throws<CheckpointException>(() => FeatureCollection.Load(images)).Message, StringComparison.Ordinal);
        Assert.Contains("Float64", Assert.Throws<CheckpointException>(() => SampleArchive.Read(images).First()).Message, StringComparison.Ordinal);
        string crooked = _folder.File("crooked.npz");
        Npz(crooked, CompressionLevel.NoCompression, ("mu", "<f8", "(2,)", [1, 2]), ("sigma", "<f8", "(1, 1)", [1]));
        Assert.Contains("(1, 1)", Assert.Throws<CheckpointException>(() => FeatureCollection.Load(crooked)).Message, StringComparison.Ordinal);
        Assert.Throws<CheckpointException>(() => FeatureCollection.Load(_folder.File("nothing.npz")));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(60)]
    public void A_member_that_is_cut_is_refused(int length)
    {
        string path = _folder.File("cut.npz");
        using (ZipArchive archive = ZipFile.Open(path, ZipArchiveMode.Create))
        using (Stream stream = archive.CreateEntry("mu.npy").Open())
            stream.Write(Npy("<f8", "(2,)", [1, 2]).AsSpan(0, length));
        Assert.Throws<CheckpointException>(() => CheckpointReader.Open(path));
    }

    [Fact]
    public void Rows_are_read_alone_from_any_format()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = arange(24, ScalarType.Float32).view(6, 2, 2);
        string safetensors = _folder.File("rows.safetensors");
        string torchFile = _folder.File("rows.pt");
        string npz = _folder.File("rows.npz");
        Checkpoint.Save(safetensors, [KeyValuePair.Create("rows", rows)]);
        Checkpoint.SaveTorch(torchFile, [KeyValuePair.Create("rows", rows)]);
        Npz(npz, CompressionLevel.Optimal, ("rows", "<f8", "(6, 2, 2)", [.. Enumerable.Range(0, 24).Select(value => (double)value)]));
        foreach (string path in new[] { safetensors, torchFile, npz })
        {
            using CheckpointReader file = CheckpointReader.Open(path);
            Same.AssertExact(rows.narrow(0, 2, 3), file.ReadRows("rows", 2, 3, ScalarType.Float32));
            Assert.Equal([0, 2, 2], file.ReadRows("rows", 6, 0).shape);
            Assert.Throws<ArgumentOutOfRangeException>(() => file.ReadRows("rows", 4, 3));
            Assert.Throws<ArgumentOutOfRangeException>(() => file.ReadRows("rows", -1, 1));
        }
    }

    public void Dispose() => _folder.Dispose();

    private static void Npz(string path, CompressionLevel compression, params (string Name, string Type, string Shape, double[] Values)[] arrays)
    {
        using ZipArchive archive = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach ((string name, string type, string shape, double[] values) in arrays)
        {
            using Stream stream = archive.CreateEntry($"{name}.npy", compression).Open();
            stream.Write(Npy(type, shape, values));
        }
    }

    // As numpy.save writes an array.
    private static byte[] Npy(string type, string shape, double[] values)
    {
        string text = $"{{'descr': '{type}', 'fortran_order': False, 'shape': {shape}, }}";
        text = text.PadRight(128 - 10 - 1) + "\n";
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)text.Length, 0, .. Encoding.ASCII.GetBytes(text), .. values.SelectMany(BitConverter.GetBytes)];
    }

    private sealed class SpatialToy : IFeatureNetwork
    {
        public string Name => "toy";

        public ImageFeatures Extract(Tensor images) => new(images.mean([2, 3]), images.narrow(1, 0, 1).flatten(1).narrow(1, 0, 6));
    }
}
