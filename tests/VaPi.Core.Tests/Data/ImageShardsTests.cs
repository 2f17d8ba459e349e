using System.Formats.Tar;
using System.Text;
using VaPi.Checkpoints;
using VaPi.Data;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Data;

public sealed class ImageShardsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<TarEntryFormat> Formats => [TarEntryFormat.V7, TarEntryFormat.Ustar, TarEntryFormat.Gnu, TarEntryFormat.Pax];

    [Theory]
    [MemberData(nameof(Formats))]
    public void Members_of_one_name_belong_together_in_any_order(TarEntryFormat format)
    {
        _folder.Write("b.tar", TarFiles.Of(
            format, ("x/2.npy", CaptionSets.Features(2)), ("x/2.JPEG.txt", [1]), ("x/3.png", CaptionSets.Image(3)), ("x/2.png", CaptionSets.Image(2)), ("x/3.npy", CaptionSets.Features(3))));
        _folder.Write("a.tar", TarFiles.Of(
            format, ("./0.PNG", CaptionSets.Image(0)), ("0.npy", CaptionSets.Features(0)), ("loose.json", "{}"u8.ToArray()), ("__key__", [1]), (".hidden.png", [1]), ("1.npy", CaptionSets.Features(1)), ("1.png", CaptionSets.Image(1))));
        _folder.Write("notes.txt", [1]);

        ImageShards images = Open();

        Assert.Equal(["0", "1", "x/2", "x/3"], Enumerable.Range(0, images.Count).Select(images.KeyOf));
        using ImageBatch batch = images.Read([new(3, 0), new(0, 1), new(2, 2), new(1, 3)]);
        foreach ((int position, int image) in new[] { (0, 3), (1, 0), (2, 2), (3, 1) })
            CaptionSets.AssertImage(batch, position, image);
    }

    [Theory]
    [InlineData(TarEntryFormat.Ustar, 150)]
    [InlineData(TarEntryFormat.Gnu, 300)]
    [InlineData(TarEntryFormat.Pax, 300)]
    public void Long_names_are_whole(TarEntryFormat format, int length)
    {
        string folder = new('d', length / 2);
        string key = $"{folder}/{new string('k', length / 2)}ä";
        if (format == TarEntryFormat.Ustar)
            key = $"{folder}/k";
        _folder.Write("a.tar", TarFiles.Of(format, ($"{key}.png", CaptionSets.Image(0)), ($"{key}.npy", CaptionSets.Features(0)), ("1.png", CaptionSets.Image(1)), ("1.npy", CaptionSets.Features(1))));

        ImageShards images = Open();

        Assert.Equal([key, "1"], Enumerable.Range(0, images.Count).Select(images.KeyOf));
        using ImageBatch batch = images.Read([new(0, 0), new(1, 0)]);
        CaptionSets.AssertImage(batch, 0, 0);
        CaptionSets.AssertImage(batch, 1, 1);
    }

    [Fact]
    public void Links_devices_and_folders_are_passed_over()
    {
        _folder.Write("a.tar", TarFiles.Of(writer =>
        {
            writer.WriteEntry(new PaxGlobalExtendedAttributesTarEntry(new Dictionary<string, string> { ["comment"] = "made for a test" }));
            writer.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "folder.png/"));
            writer.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "link.png") { LinkName = "/etc/passwd" });
            writer.WriteEntry(new PaxTarEntry(TarEntryType.HardLink, "hard.png") { LinkName = "0.png" });
            writer.WriteEntry(new GnuTarEntry(TarEntryType.SymbolicLink, "long.png") { LinkName = new string('x', 200) });
            writer.WriteEntry(new PaxTarEntry(TarEntryType.Fifo, "pipe.png"));
            writer.WriteEntry(new PaxTarEntry(TarEntryType.CharacterDevice, "device.png"));
            writer.WriteEntry(TarFiles.Entry(TarEntryFormat.Pax, "../../up.png", CaptionSets.Image(0)));
            writer.WriteEntry(TarFiles.Entry(TarEntryFormat.Pax, "../../up.npy", CaptionSets.Features(0)));
        }));

        ImageShards images = Open();

        Assert.Equal(["../../up"], Enumerable.Range(0, images.Count).Select(images.KeyOf));
        using ImageBatch batch = images.Read([new(0, 0)]);
        CaptionSets.AssertImage(batch, 0, 0);
    }

    [Fact]
    public void Conditions_are_classes_or_nothing_if_asked()
    {
        _folder.Write("a.tar", TarFiles.Of(TarEntryFormat.Ustar, ("0.png", CaptionSets.Image(0)), ("0.cls", "7"u8.ToArray()), ("1.png", CaptionSets.Image(1)), ("1.cls", " 12\n"u8.ToArray())));
        using ImageBatch classes = Open(options => options.Condition = ShardCondition.Classes).Read([new(1, 0), new(0, 0)]);
        using ImageBatch none = Open(options => options.Condition = ShardCondition.None).Read([new(1, 0)]);
        Assert.Equal([12L, 7], Assert.IsType<ClassCondition>(classes.Condition).Labels.data<long>().ToArray());
        Assert.Equal(20, Levels.Of(classes.Images, 0)[0, 0, 0]);
        Assert.Equal(1, Assert.IsType<NoCondition>(none.Condition).Count);
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("../features-of-others/0")]
    [InlineData("x/../../outside")]
    [InlineData("/outside")]
    [InlineData("..")]
    public void A_name_that_leads_out_of_the_folder_of_features_finds_none(string key)
    {
        _folder.Write("features/0.npy", CaptionSets.Features(0));
        _folder.Write("outside.npy", CaptionSets.Features(1));
        _folder.Write("features-of-others/0.npy", CaptionSets.Features(1));
        string name = key.StartsWith('/') ? _folder.Path + key : key;
        _folder.Write("a.tar", TarFiles.Of(TarEntryFormat.Pax, ("0.png", CaptionSets.Image(0)), ($"{name}.png", CaptionSets.Image(1))));
        ImageShards images = Open(options => options.Features = Path.Combine(_folder.Path, "features"));
        images.Read([new(0, 0)]).Dispose();
        for (int index = 1; index < images.Count; index++)
            Assert.Contains("leads out of", Assert.Throws<ImageDataException>(() => images.Read([new(index, 0)])).Message, StringComparison.Ordinal);
        Assert.Equal(key == ".." ? 1 : 2, images.Count); // a name that begins with a dot is none
    }

    [Fact]
    public void A_name_cannot_forge_lines_of_a_log()
    {
        string path = _folder.Write("a.tar", TarFiles.Of(TarEntryFormat.Pax, ("good\n[info] all is well\u001b[2J.png", CaptionSets.Image(0))));
        ImageShards images = ImageShards.Open(path, 8, new ImageShardsOptions { Condition = ShardCondition.None });
        string message = Assert.Throws<ImageDataException>(() => images.ReadCaption(0)).Message;
        Assert.Contains("good?[info] all is well?[2J.png", message, StringComparison.Ordinal);
        Assert.DoesNotContain(message, char.IsControl);
    }

    [Fact]
    public void Features_may_lie_in_a_folder_and_short_ones_too()
    {
        using (Tensor features = arange(8, ScalarType.Float32).view(2, 4) + 100)
            Checkpoint.Save(Path.Combine(_folder.Folder("features/x"), "1.safetensors"), new Dictionary<string, Tensor> { ["a"] = features });
        _folder.Write("short/0.npy", NumpyFiles.Counting(7000, 1, 4));
        _folder.Write("a.tar", TarFiles.Of(
            TarEntryFormat.Pax, ("0.png", CaptionSets.Image(0)), ("0.npy", CaptionSets.Features(0)), ("x/1.png", CaptionSets.Image(1)), ("../outside.png", CaptionSets.Image(2))));

        ImageShards images = Open(options => options.Features = Path.Combine(_folder.Path, "features"));

        using ImageBatch batch = images.Read([new(1, 0)]);
        CaptionSets.AssertImage(batch, 0, 1);
        Assert.Contains("leads out of", Assert.Throws<ImageDataException>(() => images.Read([new(2, 0)])).Message, StringComparison.Ordinal);
        ImageShards shortOnes = Open(options => (options.ShortFeatures, options.ShortCaptionProbability) = (Path.Combine(_folder.Path, "short"), 1));
        using ImageBatch shortBatch = shortOnes.Read([new(0, 0)]);
        CaptionSets.AssertImage(shortBatch, 0, 0, caption: 70);
    }

    [Theory]
    [InlineData("{\"caption\": \"a cat\", \"text\": \"a dog\"}", "a cat")]
    [InlineData("{\"TEXT\": [\"a cat\", \"a dog\"]}", "a cat")]
    [InlineData("{\"alt\": \"a cat\", \"caption\": null}", "a cat")]
    public void Captions_are_found_under_the_known_names(string json, string expected)
    {
        _folder.Write("a.tar", TarFiles.Of(TarEntryFormat.Ustar, ("0.jpg", [1]), ("0.json", Encoding.UTF8.GetBytes(json))));
        Assert.Equal(expected, Open(options => options.Condition = ShardCondition.None).ReadCaption(0));
    }

    [Theory]
    [InlineData("{\"label\": 3}", "has no text under")]
    [InlineData("[]", "has no text under")]
    [InlineData("{\"caption\"", "is no JSON text")]
    [InlineData("", "is no JSON text")]
    public void Other_captions_are_refused(string json, string reason)
    {
        _folder.Write("a.tar", TarFiles.Of(TarEntryFormat.Ustar, ("0.jpg", [1]), ("0.json", Encoding.UTF8.GetBytes(json)), ("1.jpg", [1])));
        ImageShards images = Open(options => options.Condition = ShardCondition.None);
        Assert.Contains(reason, Assert.Throws<ImageDataException>(() => images.ReadCaption(0)).Message, StringComparison.Ordinal);
        Assert.Contains("has no .json", Assert.Throws<ImageDataException>(() => images.ReadCaption(1)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => images.ReadCaption(2));
    }

    [Fact]
    public void What_is_unreadable_is_reported_together()
    {
        string shard = _folder.Write("a.tar", TarFiles.Of(
            TarEntryFormat.Ustar, ("0.png", CaptionSets.Image(0)), ("0.cls", "1"u8.ToArray()), ("1.png", CaptionSets.Image(1)), ("1.cls", "-1"u8.ToArray()),
            ("2.png", CaptionSets.Image(2)), ("3.png", "no image"u8.ToArray()), ("3.cls", "1"u8.ToArray()), ("4.png", []), ("4.cls", "1"u8.ToArray()), ("5.png", CaptionSets.Image(5, side: 6)), ("5.cls", "1"u8.ToArray())));
        ImageShards images = Open(options => options.Condition = ShardCondition.Classes);

        var error = Assert.Throws<ImageDataException>(() => images.Read([.. Enumerable.Range(0, 6).Select(index => new ImageDraw(index, 0))]));

        Assert.Equal(Enumerable.Range(1, 5).Select(index => (index, $"{shard}/{index}.png")), error.Unreadable.Select(image => (image.Index, image.Path)));
        string[] reasons = ["no whole number", "has no class", "does not start as a JPEG", "does not start as a JPEG", "6x6 pixels"];
        Assert.All(error.Unreadable.Zip(reasons), pair => Assert.Contains(pair.Second, pair.First.Reason, StringComparison.Ordinal));
        File.Delete(shard);
        Assert.Single(Assert.Throws<ImageDataException>(() => images.Read([new(0, 0)])).Unreadable);
    }

    [Fact]
    public void Shards_are_found_by_name_folder_or_wildcards()
    {
        foreach (string name in new[] { "s/b-1.tar", "s/a-0.tar", "s/a-1.tar", "s/.hidden.tar" })
            _folder.Write(name, TarFiles.Of(TarEntryFormat.Ustar, ($"{Path.GetFileNameWithoutExtension(name)}.png", [1])));
        string[] Keys(string path)
        {
            ImageShards images = ImageShards.Open(Path.Combine(_folder.Path, path), 8, new ImageShardsOptions { Condition = ShardCondition.None });
            return [.. Enumerable.Range(0, images.Count).Select(images.KeyOf)];
        }

        Assert.Equal(["a-0", "a-1", "b-1"], Keys("s"));
        Assert.Equal(["a-0", "a-1"], Keys("s/a-*.tar"));
        Assert.Equal(["a-1", "b-1"], Keys("s/?-1.tar"));
        Assert.Equal(["b-1"], Keys("s/b-1.tar"));
        Assert.Contains("There is no shard", Assert.Throws<FileNotFoundException>(() => Keys("s/c-*.tar")).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => Keys("none/c-*.tar"));
        Assert.Throws<FileNotFoundException>(() => Keys("none.tar"));
        _folder.Write("s/empty.tar", TarFiles.Of(TarEntryFormat.Ustar, ("a.txt", [1])));
        Assert.Contains("holds no images", Assert.Throws<ImageDataException>(() => Keys("s/empty.tar")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_shard_of_the_same_names_has_another_fingerprint()
    {
        _folder.Write("a.tar", TarFiles.Of(TarEntryFormat.Ustar, ("0.png", CaptionSets.Image(0)), ("0.npy", CaptionSets.Features(0))));
        string first = Open().Fingerprint;
        using var moved = new TemporaryFolder();
        moved.Write("a.tar", File.ReadAllBytes(Path.Combine(_folder.Path, "a.tar")));
        Assert.Equal(first, ImageShards.Open(moved.Path, 8).Fingerprint);
        _folder.Write("a.tar", TarFiles.Of(TarEntryFormat.Ustar, ("0.png", TestImages.Png(20, 30, TestImages.Pattern)), ("0.npy", CaptionSets.Features(0))));
        Assert.NotEqual(first, Open().Fingerprint);
        Assert.False(Open().PixelsDependOnSeed);
        Assert.True(Open(options => options.FlipProbability = 0.5).PixelsDependOnSeed);
    }

    private ImageShards Open(Action<ImageShardsOptions>? configure = null)
    {
        var options = new ImageShardsOptions { Places = 3 };
        configure?.Invoke(options);
        return ImageShards.Open(_folder.Path, 8, options);
    }
}
