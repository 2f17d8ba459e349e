using System.Text;
using VaPi.Data;
using Xunit;

namespace VaPi.Tests.Data;

public sealed class CaptionedImagesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Lists_come_in_order_with_the_features_of_their_lines()
    {
        CaptionSets.WriteList(_folder, "b", first: 2, count: 3);
        CaptionSets.WriteList(_folder, "a", first: 0, count: 2);

        CaptionedImages images = Open();

        Assert.Equal((5, CaptionSets.Width, new ImageSize(8, 8)), (images.Count, images.FeatureWidth, images.ImageSize));
        using ImageBatch batch = images.Read([new(4, 0), new(0, 1), new(3, 2), new(0, 3)]);
        foreach ((int position, int image) in new[] { (0, 4), (1, 0), (2, 3), (3, 0) })
            CaptionSets.AssertImage(batch, position, image);
        using ImageBatch none = images.Read([]);
        Assert.Equal(0, none.Count);
    }

    [Fact]
    public void Lines_may_have_anything_else_and_empty_ones_count()
    {
        CaptionSets.WriteList(_folder, "list", first: 0, count: 4);
        string text = "\uFEFF{\"text\": [\"\u00e4\", {\"image_path\": \"wrong\"}], \"image_path\": \"images/0.png\", \"size\": {\"image_path\": 1}}\r\n  \n\n"
            + "{\"image_path\": \"" + Path.Combine(_folder.Path, "images/3.png").Replace("\\", "\\\\", StringComparison.Ordinal) + "\"}";
        _folder.Write("list.jsonl", Encoding.UTF8.GetBytes(text));

        using ImageBatch batch = Open().Read([new(0, 0), new(1, 0)]);

        CaptionSets.AssertImage(batch, 0, 0);
        CaptionSets.AssertImage(batch, 1, 3);
    }

    [Fact]
    public void Folders_may_be_named_with_a_slash_at_their_end()
    {
        CaptionSets.WriteList(_folder, "list", first: 0, count: 2);
        CaptionSets.WriteList(_folder, "list", first: 0, count: 2, features: "short");
        char slash = Path.DirectorySeparatorChar;

        CaptionedImages images = CaptionedImages.Open(_folder.Path + slash, 8, Path.Combine(_folder.Path, "features") + slash, new CaptionedImagesOptions
        {
            ImageRoot = _folder.Path + slash,
            ShortFeatures = Path.Combine(_folder.Path, "short") + slash,
            ShortCaptionProbability = 1,
            Places = 3,
        });

        using ImageBatch batch = images.Read([new(1, 0)]);
        CaptionSets.AssertImage(batch, 0, 1);
    }

    [Fact]
    public void Long_lists_are_read_whole()
    {
        CaptionSets.WriteList(_folder, "list", first: 0, count: 1);
        string path = Path.Combine(_folder.Path, "list.jsonl");
        File.WriteAllLines(path, Enumerable.Range(0, 30_000).Select(line => $"{{\"image_path\": \"images/{line % 7}-{new string('x', line % 90)}.png\"}}"));

        Assert.Equal(30_000, Open().Count);
    }

    public static TheoryData<string, string> DamagedLines => new()
    {
        { "{\"image_path\": \"a.png\"", "not a JSON object" },
        { "{\"image_path\": \"a.png\"} x", "not a JSON object" },
        { "[\"a.png\"]", "begins with StartArray" },
        { "a.png", "not a JSON object" },
        { "{\"text\": [\"a\"]}", "has no 'image_path'" },
        { "{\"image_path\": 7}", "not a JSON object" },
        { "{\"image_path\": null}", "the path is empty" },
        { "{\"image_path\": \"\"}", "the path is empty" },
        { "{\"image_path\": \"a\\u0000b\"}", "the path is empty" },
        { new string('[', 5000), "not a JSON object" },
        { "{\"image_path\": \"" + new string('a', 1 << 20) + "\"}", "is longer than 1048576 bytes" },
    };

    [Theory]
    [MemberData(nameof(DamagedLines))]
    public void A_damaged_line_is_named_when_the_list_is_opened(string line, string reason)
    {
        CaptionSets.WriteList(_folder, "list", first: 0, count: 2);
        string path = Path.Combine(_folder.Path, "list.jsonl");
        File.AppendAllText(path, $"{line}\n{{\"image_path\": \"images/0.png\"}}\n");

        string message = Assert.Throws<ImageDataException>(() => Open()).Message;

        Assert.StartsWith($"{path}:3: ", message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/etc/passwd")]
    [InlineData("../secret.png")]
    [InlineData("images/../../secret.png")]
    [InlineData("../list-of-others/0.png")]
    [InlineData(".")]
    public void A_path_out_of_the_root_is_refused_on_demand(string imagePath)
    {
        string inner = Path.Combine(_folder.Path, "list");
        _folder.Write("secret.png", CaptionSets.Image(4));
        _folder.Write("list-of-others/0.png", CaptionSets.Image(4));
        _folder.Write("list/images/0.png", CaptionSets.Image(0));
        _folder.Write("list/features/a/0.npy", CaptionSets.Features(0));
        _folder.Write("list/features/a/1.npy", CaptionSets.Features(1));
        string list = _folder.Write("list/a.jsonl", Encoding.UTF8.GetBytes($$"""
            {"image_path": "./images/0.png"}
            {"image_path": "{{imagePath}}"}
            """));
        string features = Path.Combine(inner, "features");

        var error = Assert.Throws<ImageDataException>(() => CaptionedImages.Open(inner, 8, features, new CaptionedImagesOptions { OnlyBelowRoot = true }));

        Assert.StartsWith($"{list}:2: ", error.Message, StringComparison.Ordinal);
        Assert.Contains($"'{imagePath}' leads out of '{inner}'", error.Message, StringComparison.Ordinal);
        Assert.Equal(2, CaptionedImages.Open(inner, 8, features).Count);
    }

    [Fact]
    public void What_is_missing_is_found_when_it_is_drawn()
    {
        CaptionSets.WriteList(_folder, "list", first: 0, count: 6);
        CaptionedImages images = Open();
        File.Delete(Path.Combine(_folder.Path, "images/1.png"));
        File.Delete(Path.Combine(_folder.Path, "features/list/2.npy"));
        _folder.Write("features/list/3.npy", NumpyFiles.Counting(0, 2, CaptionSets.Width + 1));
        _folder.Write("images/4.png", CaptionSets.Image(4, side: 7));

        var error = Assert.Throws<ImageDataException>(() => images.Read([.. Enumerable.Range(0, 6).Select(index => new ImageDraw(index, 0))]));

        Assert.Equal([1, 2, 3, 4], error.Unreadable.Select(image => image.Index));
        Assert.All(error.Unreadable, image => Assert.Equal(Path.Combine(_folder.Path, "images", $"{image.Index}.png"), image.Path));
        string[] reasons = ["1.png' does not exist", "2.npy", "4 wide", "has 7x7 pixels, less than the 8x8"];
        Assert.All(error.Unreadable.Zip(reasons), pair => Assert.Contains(pair.Second, pair.First.Reason, StringComparison.Ordinal));
        using ImageBatch rest = images.Read([new(0, 0), new(5, 0)]);
        CaptionSets.AssertImage(rest, 1, 5);
        using ImageBatch enlarged = Open(options => options.RejectSmaller = false).Read([new(4, 0)]);
        CaptionSets.AssertImage(enlarged, 0, 4);
    }

    [Fact]
    public void Short_captions_are_drawn_as_often_as_asked_and_leave_crops_alone()
    {
        CaptionSets.WriteList(_folder, "list", first: 0, count: 1);
        _folder.Write("images/0.png", TestImages.Png(40, 40, TestImages.Pattern));
        _folder.Write("short/list/0.npy", NumpyFiles.Counting(7000, CaptionSets.Length(0), CaptionSets.Width));
        ImageDraw[] draws = [.. Enumerable.Range(0, 400).Select(seed => new ImageDraw(0, (ulong)seed))];
        void Varied(CaptionedImagesOptions options) => (options.Crop, options.FlipProbability) = (ImageCrop.Random(0.5, 1), 0.5);

        using ImageBatch usual = Open(Varied).Read(draws);
        using ImageBatch mixed = Open(options => { Varied(options); options.ShortFeatures = Path.Combine(_folder.Path, "short"); }).Read(draws);
        using ImageBatch again = Open(options => { options.ShortFeatures = Path.Combine(_folder.Path, "short"); options.Threads = 5; }).Read([.. draws.Reverse()]);

        Assert.Equal(usual.Images.data<float>().ToArray(), mixed.Images.data<float>().ToArray());
        bool[] isShort = IsShort(mixed);
        Assert.InRange(isShort.Count(value => value), 90, 150);
        Assert.Equal(isShort.Reverse(), IsShort(again));
        Assert.DoesNotContain(true, IsShort(usual));
    }

    [Fact]
    public void Only_what_is_drawn_at_random_makes_images_vary()
    {
        CaptionSets.WriteList(_folder, "list", first: 0, count: 2);
        _folder.Folder("short");
        CaptionedImages plain = Open(options => options.ShortFeatures = Path.Combine(_folder.Path, "short"));
        Assert.False(plain.PixelsDependOnSeed);
        Assert.True(Open(options => options.FlipProbability = 0.1).PixelsDependOnSeed);
        Assert.True(Open(options => options.Crop = ImageCrop.Random(0.9, 1)).PixelsDependOnSeed);
        Assert.Equal(plain.Fingerprint, Open(options => options.Threads = 7).Fingerprint);
        Assert.NotEqual(plain.Fingerprint, Open(options => options.BlendAlpha = false).Fingerprint);
        Assert.NotEqual(plain.Fingerprint, Open(size: 4).Fingerprint);
        File.AppendAllText(Path.Combine(_folder.Path, "list.jsonl"), "{\"image_path\": \"images/0.png\"}");
        Assert.NotEqual(plain.Fingerprint, Open().Fingerprint);
    }

    [Fact]
    public void What_cannot_be_opened_says_why()
    {
        Assert.Contains("holds no list of images", Assert.Throws<FileNotFoundException>(() => CaptionedImages.Open(_folder.Path, 8, _folder.Path)).Message, StringComparison.Ordinal);
        CaptionSets.WriteList(_folder, "list", first: 0, count: 2);
        Assert.Contains("elsewhere", Assert.Throws<DirectoryNotFoundException>(() => CaptionedImages.Open(_folder.Path, 8, Path.Combine(_folder.Path, "elsewhere"))).Message, StringComparison.Ordinal);
        Assert.Contains("None of the first 2 images", Assert.Throws<ImageDataException>(() => CaptionedImages.Open(_folder.Path, 8, _folder.Folder("empty"))).Message, StringComparison.Ordinal);
        _folder.Write("list.part2.jsonl", File.ReadAllBytes(Path.Combine(_folder.Path, "list.jsonl")));
        Assert.Contains("both called 'list'", Assert.Throws<ImageDataException>(() => Open()).Message, StringComparison.Ordinal);

        string message = Assert.Throws<ArgumentException>(() => Open(options => (options.Places, options.ShortCaptionProbability, options.Threads) = (0, double.NaN, 0))).Message;
        Assert.All(["Places is 0", "ShortCaptionProbability is NaN", "Threads is 0"], part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    private static bool[] IsShort(ImageBatch batch) =>
        [.. Assert.IsType<CaptionCondition>(batch.Condition).Features.select(1, 2).select(1, 0).contiguous().data<float>().ToArray().Select(value => value >= 7000)];

    private CaptionedImages Open(Action<CaptionedImagesOptions>? configure = null, int size = 8)
    {
        var options = new CaptionedImagesOptions { Places = 3 };
        configure?.Invoke(options);
        return CaptionedImages.Open(_folder.Path, size, Path.Combine(_folder.Path, "features"), options);
    }
}
