using System.Text;
using VaPi.Reporting.TensorBoard;
using VaPi.Reporting.Tests.Support;
using VaPi.Tests.Checkpoints.Support;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Reporting.Tests;

public class TensorBoardWriterTests
{
    [Theory]
    [InlineData("31-32-33-34-35-36-37-38-39", 0xE3069283)] // the check value of the algorithm's catalogue entry
    [InlineData("00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00-00", 0x8A9136AA)] // RFC 3720, B.4
    [InlineData("FF-FF-FF-FF-FF-FF-FF-FF-FF-FF-FF-FF-FF-FF-FF-FF-FF-FF-FF-FF-FF-FF-FF-FF-FF-FF-FF-FF-FF-FF-FF-FF", 0x62A8AB43)]
    [InlineData("", 0)]
    public void Checksums_have_the_published_values(string bytes, uint expected)
    {
        byte[] content = Convert.FromHexString(bytes.Replace("-", "", StringComparison.Ordinal));

        Assert.Equal(expected, RecordFile.Crc32C(content));
        Assert.Equal(expected, EventFile.Crc32C(content)); // the reader of these tests is right too
    }

    [Fact]
    public void A_file_begins_as_those_of_TensorFlow_do()
    {
        using var folder = new TemporaryFolder();
        using (TensorBoardWriter writer = TensorBoardWriter.Create(folder.File("run"), new Clock()))
            Assert.Contains("tfevents.1700000000", Path.GetFileName(writer.Path), StringComparison.Ordinal);

        byte[] file = File.ReadAllBytes(Assert.Single(Directory.GetFiles(folder.File("run"))));

        // Every event file's first frame is as long, so its first twelve bytes are these.
        Assert.Equal("18-00-00-00-00-00-00-00-A3-7F-4B-22", BitConverter.ToString(file, 0, 12));
        byte[] first = Assert.Single(EventFile.Frames(file));
        Assert.Equal(1_700_000_000.25, EventFile.Field(first, 1));
        Assert.Equal("brain.Event:2", EventFile.Text(EventFile.Field(first, 3)));
    }

    [Fact]
    public void Scalars_come_back_with_tag_value_and_step()
    {
        List<byte[]> events = Written(writer =>
        {
            writer.AddScalar("reward/mean", -1.25, 3);
            writer.AddScalar("π", double.NaN, 1L << 40);
        });

        Assert.Equal(2, events.Count);
        Assert.Equal(3L, EventFile.Field(events[0], 2));
        byte[] value = Value(events[0]);
        Assert.Equal("reward/mean", EventFile.Text(EventFile.Field(value, 1)));
        Assert.Equal(-1.25f, EventFile.Field(value, 2));
        Assert.Equal(1L << 40, EventFile.Field(events[1], 2));
        Assert.Equal("π", EventFile.Text(EventFile.Field(Value(events[1]), 1)));
        Assert.Equal(float.NaN, EventFile.Field(Value(events[1]), 2));
    }

    [Fact]
    public void Pictures_come_back_with_their_size()
    {
        using Tensor images = rand(2, 3, 20, 30) * 2 - 1;

        List<byte[]> events = Written(writer => writer.AddImages("samples", images, 7));

        IReadOnlyList<PngImage> pictures = PngImage.OfBatch(images);
        Assert.Equal(["samples/0", "samples/1"], events.Select(read => EventFile.Text(EventFile.Field(Value(read), 1))));
        for (int index = 0; index < 2; index++)
        {
            byte[] picture = (byte[])EventFile.Field(Value(events[index]), 4)!;
            Assert.Equal((20L, 30L, 3L), ((long)EventFile.Field(picture, 1)!, (long)EventFile.Field(picture, 2)!, (long)EventFile.Field(picture, 3)!));
            Assert.Equal(pictures[index].Content.ToArray(), EventFile.Field(picture, 4));
        }
    }

    [Fact]
    public void A_step_of_a_run_gives_all_its_numbers_and_none_that_it_has_not()
    {
        List<byte[]> events = Written(writer => writer.Add(Steps.Of(5, -1.5)));

        Dictionary<string, float> scalars = events.ToDictionary(read => EventFile.Text(EventFile.Field(Value(read), 1)), read => (float)EventFile.Field(Value(read), 2)!);
        Assert.All(events, read => Assert.Equal(5L, EventFile.Field(read, 2)));
        Assert.Equal(-1.5f, scalars["reward/mean"]);
        Assert.Equal(-3f, scalars["reward components/edges"]);
        Assert.Equal(3.25f, scalars["regularisers/prior"]);
        Assert.Equal(0.75f, scalars["optimiser/gradient norm"]);
        Assert.DoesNotContain("policy/kl divergence", scalars.Keys);
    }

    [Fact]
    public void Two_writers_in_one_folder_have_files_of_their_own_and_what_is_flushed_can_be_read()
    {
        using var folder = new TemporaryFolder();
        using TensorBoardWriter one = TensorBoardWriter.Create(folder.Root, new Clock());
        using TensorBoardWriter two = TensorBoardWriter.Create(folder.Root, new Clock());

        one.AddScalar("a", 1, 1);
        one.Flush();

        using var reading = new FileStream(one.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var content = new byte[reading.Length];
        reading.ReadExactly(content);
        Assert.Equal(2, EventFile.Frames(content).Count);
        Assert.NotEqual(one.Path, two.Path);
    }

    [Fact]
    public void A_changed_byte_shows_in_the_checksums()
    {
        using var stream = new MemoryStream();
        RecordFile.Write(stream, Encoding.ASCII.GetBytes("0123456789abcdef!"));
        byte[] file = stream.ToArray();
        Assert.Single(EventFile.Frames(file));

        file[20] ^= 1;

        Assert.Throws<InvalidDataException>(() => EventFile.Frames(file));
    }

    private static List<byte[]> Written(Action<TensorBoardWriter> write)
    {
        using var folder = new TemporaryFolder();
        string path;
        using (TensorBoardWriter writer = TensorBoardWriter.Create(folder.Root))
        {
            path = writer.Path;
            write(writer);
        }

        return [.. EventFile.Frames(File.ReadAllBytes(path)).Skip(1)];
    }

    private static byte[] Value(byte[] read) => (byte[])EventFile.Field((byte[])EventFile.Field(read, 5)!, 1)!;

    private sealed class Clock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_250);
    }
}
