using System.Formats.Tar;
using System.Text;
using TorchSharp;
using VaPi.Checkpoints;
using VaPi.Data;
using VaPi.Fuzz.Cases;
using VaPi.Tests.Data;
using VaPi.Tests.Toys;
using static TorchSharp.torch;

namespace VaPi.Fuzz.Readers;

/// <summary>Data sets: tar shards, lists of captioned images, caption features, extracted tokens.</summary>
internal static class DataReaders
{
    private const int Side = 8;

    private static readonly Type[] DataErrors = [typeof(ImageDataException), typeof(FileNotFoundException)];

    public static FileReader Shards() => new("tar", [.. Enum.GetValues<TarEntryFormat>().Where(format => format != TarEntryFormat.Unknown).Select(Shard)], ReadShards, DataErrors);

    public static FileReader Captioned()
    {
        const string lines = """
            {"image_path": "images/0.png", "text": ["a caption"]}

            {"image_path": "./images/1.png", "text": ["another \u00e9"], "score": 0.5}
            """;
        var sample = new Sample(
            [Encoding.UTF8.GetBytes(lines), Image(0), Image(1), Features(0), Features(1)],
            parts =>
            [
                new("list.jsonl", parts[0]), new("images/0.png", parts[1]), new("images/1.png", parts[2]), new("features/list/0.npy", parts[3]),
                new("features/list/2.npy", parts[4]),
            ]);
        return new FileReader("jsonl", [sample], ReadCaptioned, DataErrors);
    }

    public static FileReader CaptionFeatures()
    {
        using DisposeScope scope = NewDisposeScope();
        byte[] safetensors = SafetensorsSamples.Saved(path => Checkpoint.Save(path, [new("features", ones([1, 3, 4], ScalarType.BFloat16)), new("mask", ones(3))]));
        return new FileReader(
            "caption-features",
            [
                Sample.Of("a.npy", Features(0)), Sample.Of("half.npy", NumpyFiles.Array("<f2", new byte[16], 2, 4)),
                Sample.Of("double.npy", NumpyFiles.Array("<f8", new byte[64], 2, 4)), SafetensorsSamples.Of("a.safetensors", safetensors),
            ],
            path => VaPi.Data.CaptionFeatures.Load(path).Dispose(),
            DataErrors);
    }

    public static FileReader TokenCodes()
    {
        using DisposeScope scope = NewDisposeScope();
        var tokenizer = new ToyTokenizer();
        using var generator = new Generator(3, CPU);
        Tensor tokens = randint(tokenizer.CodebookSize, [6, tokenizer.Layout.TokenCount], ScalarType.Int64, generator: generator);
        TensorImageSource images = ImageSource.FromTensors(tokenizer.Decode(tokens), new NoCondition(6));
        byte[] file = SafetensorsSamples.Saved(path => VaPi.Data.TokenCodes.Extract(images, tokenizer, path));
        return new FileReader("token-codes", [SafetensorsSamples.Of("codes.safetensors", file)], Read, typeof(CheckpointException), typeof(ImageDataException), typeof(ArgumentException));

        void Read(string path)
        {
            using VaPi.Data.TokenCodes codes = VaPi.Data.TokenCodes.Open(path, tokenizer);
            images.WithCodes(codes).Read([new(0, 1), new(5, 2)]).Dispose();
        }
    }

    private static Sample Shard(TarEntryFormat format)
    {
        (string Name, byte[] Content)[] members =
        [
            ("folder/0.png", Image(0)), ("folder/0.npy", Features(0)), ("folder/0.json", "{\"caption\": \"a picture\"}"u8.ToArray()), ("folder/0.cls", "3"u8.ToArray()),
            ("./1.png", Image(1)), ("./1.npy", Features(1)), ("./1.json", "{\"text\": [\"another\"]}"u8.ToArray()), ("./1.cls", " 0\n"u8.ToArray()),
        ];
        return Sample.Of($"{format}.tar", [.. members.Select(member => member.Content)], Packed);

        byte[] Packed(IReadOnlyList<byte[]> parts) => TarFiles.Of(writer =>
        {
            for (int i = 0; i < parts.Count; i++)
            {
                TarEntry entry = TarFiles.Entry(format, members[i].Name, parts[i]);
                entry.ModificationTime = DateTimeOffset.UnixEpoch;
                writer.WriteEntry(entry);
            }
        });
    }

    // Everything that can be asked of an archive; the first failure is reported once the rest was asked too.
    private static void ReadShards(string path)
    {
        Exception? first = null;
        foreach (ShardCondition condition in Enum.GetValues<ShardCondition>())
        {
            Try(() =>
            {
                ImageShards images = ImageShards.Open(path, Side, new ImageShardsOptions { Threads = 1, Places = 3, Condition = condition, MaximumPixels = ImageReaders.MaximumPixels });
                for (int index = 0; index < images.Count; index++)
                {
                    _ = images.KeyOf(index);
                    Try(() => images.ReadCaption(index));
                    Try(() => images.Read([new(index, 0)]).Dispose());
                }
            });
        }

        if (first is not null)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(first);

        void Try(Action action)
        {
            try
            {
                action();
            }
            catch (IOException exception) when (exception is ImageDataException or FileNotFoundException)
            {
                first ??= exception;
            }
        }
    }

    private static void ReadCaptioned(string path)
    {
        var options = new CaptionedImagesOptions { Threads = 1, Places = 3, MaximumPixels = ImageReaders.MaximumPixels };
        CaptionedImages images = CaptionedImages.Open(path, Side, Path.Combine(Path.GetDirectoryName(path)!, "features"), options);
        images.Read([.. Enumerable.Range(0, Math.Min(images.Count, 4)).Select(index => new ImageDraw(index, 0))]).Dispose();
    }

    private static byte[] Image(int image) => TestImages.Png(Side, Side, TestImages.Plain((byte)(10 * (image + 1))));

    private static byte[] Features(int image) => NumpyFiles.Counting(100 * image, 1, 2 + image, 4);
}
