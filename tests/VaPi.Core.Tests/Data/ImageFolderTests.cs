using VaPi.Data;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Data;

public class ImageFolderTests
{
    [Fact]
    public void Labels_and_images_come_in_ordinal_order()
    {
        using var folder = new TemporaryFolder();
        byte[] png = TestImages.Png(4, 4, TestImages.Pattern);
        foreach (string name in new[] { "b/2.png", "b/10.PNG", "b/x.JpEg", "B/z.webp", "a/deep/1.png", "a/2.jpg", "a-b/1.png", "loose.png", "b/notes.txt", ".git/1.png", "b/._2.png" })
            folder.Write(name, png);
        folder.Folder("empty");

        ImageFolder images = ImageFolder.Open(folder.Path, size: 4);
        Assert.Equal(["B", "a", "a-b", "b", "empty"], images.Classes);
        Assert.Equal(
            ["B/z.webp", "a/2.jpg", "a/deep/1.png", "a-b/1.png", "b/10.PNG", "b/2.png", "b/x.JpEg"],
            images.Paths.Select(path => Path.GetRelativePath(folder.Path, path).Replace('\\', '/')));
        Assert.Equal([0, 1, 1, 2, 3, 3, 3], images.Labels);
        Assert.Equal(7, images.Count);
        Assert.Equal(new ImageSize(4, 4), images.ImageSize);
    }

    [Fact]
    public void Reads_in_the_order_of_the_draws_with_their_labels()
    {
        using TemporaryFolder folder = Plain(10, 20, 30);
        ImageFolder images = ImageFolder.Open(folder.Path, new ImageSize(6, 8), new ImageFolderOptions { Threads = 3 });
        using ImageBatch batch = images.Read([new(2, 0), new(0, 1), new(2, 2), new(1, 3), new(0, 4)]);
        Assert.Equal([5L, 3, 6, 8], batch.Images.shape);
        Assert.Equal([30, 10, 30, 20, 10], Enumerable.Range(0, 5).Select(i => Levels.Of(batch.Images, i)[0, 3, 3]));
        Assert.Equal([2L, 0, 2, 1, 0], Assert.IsType<ClassCondition>(batch.Condition).Labels.data<long>().ToArray());
    }

    [Fact]
    public void The_default_is_the_published_crop()
    {
        string golden = Path.Combine(AppContext.BaseDirectory, "Golden", "recipe");
        using var folder = new TemporaryFolder();
        folder.Write("class/a.png", File.ReadAllBytes(Path.Combine(golden, "crop1_in.png")));
        using ImageBatch batch = ImageFolder.Open(folder.Path, size: 64).Read([new(0, 12345)]);
        Assert.Equal(Levels.Load(Path.Combine(golden, "crop1_out64.png")), Levels.Of(batch.Images, 0));
    }

    [Fact]
    public void A_batch_outlives_the_scope_it_was_read_in()
    {
        using TemporaryFolder folder = Plain(10, 20);
        ImageBatch batch;
        using (var scope = NewDisposeScope())
            batch = ImageFolder.Open(folder.Path, size: 4).Read([new(1, 0)]);
        Assert.Equal(20, Levels.Of(batch.Images, 0)[0, 0, 0]);
        Assert.Equal(1, Assert.IsType<ClassCondition>(batch.Condition).Labels[0].item<long>());
        batch.Dispose();
    }

    [Fact]
    public void A_random_crop_is_decided_by_its_seed_alone()
    {
        using var folder = new TemporaryFolder();
        folder.Write("c/a.png", TestImages.Png(50, 70, TestImages.Pattern));
        folder.Write("c/b.png", TestImages.Png(50, 70, TestImages.Pattern));
        var options = new ImageFolderOptions { Crop = ImageCrop.Random(0.4, 0.9), FlipProbability = 0.5, Threads = 1 };
        ImageFolder one = ImageFolder.Open(folder.Path, size: 16, options);
        options.Threads = 4;
        ImageFolder four = ImageFolder.Open(folder.Path, size: 16, options);
        ImageDraw[] draws = [.. Enumerable.Range(0, 24).Select(i => new ImageDraw(i % 2, (ulong)(i / 2)))];

        using ImageBatch first = one.Read(draws);
        using ImageBatch second = four.Read([.. draws.Reverse()]);
        var seen = new List<byte[,,]>();
        for (int i = 0; i < draws.Length; i++)
        {
            byte[,,] levels = Levels.Of(first.Images, i);
            Assert.Equal(levels, Levels.Of(second.Images, draws.Length - 1 - i));
            if (i % 2 == 0)
                seen.Add(levels);
            else
                Assert.Equal(seen[^1], levels); // The same picture under another name and index.
        }

        for (int i = 0; i < seen.Count; i++)
        {
            for (int j = 0; j < i; j++)
                Assert.NotEqual(seen[i], seen[j]);
        }
    }

    [Fact]
    public void What_a_seed_means_does_not_change_between_versions()
    {
        using var folder = new TemporaryFolder();
        folder.Write("c/a.png", TestImages.Png(64, 64, (y, x) => ((byte)y, (byte)x, 0)));
        ImageFolder images = ImageFolder.Open(folder.Path, size: 16, new ImageFolderOptions { Crop = ImageCrop.Random(0.25, 0.25) });
        using ImageBatch batch = images.Read([new(0, 0), new(0, 1), new(0, ulong.MaxValue)]);
        (byte Top, byte Left)[] expected = [(18, 32), (2, 38), (25, 45)]; // Computed apart from this code.
        Assert.Equal(expected, Enumerable.Range(0, 3).Select(i => Levels.Of(batch.Images, i)).Select(levels => (levels[0, 0, 0], levels[1, 0, 0])));
    }

    [Fact]
    public void A_random_crop_reaches_every_edge_and_flips_as_often_as_asked()
    {
        // A quarter of 64 is exactly the target: no resizing, so the first pixel tells the position and the row the flip.
        using var folder = new TemporaryFolder();
        folder.Write("c/a.png", TestImages.Png(64, 80, (y, x) => ((byte)y, (byte)x, 9)));
        ImageFolder images = ImageFolder.Open(folder.Path, size: 16, new ImageFolderOptions { Crop = ImageCrop.Random(0.25, 0.25), FlipProbability = 0.25 });
        using ImageBatch batch = images.Read([.. Enumerable.Range(0, 800).Select(seed => new ImageDraw(0, (ulong)seed))]);

        var tops = new HashSet<int>();
        var lefts = new HashSet<int>();
        int flips = 0;
        for (int i = 0; i < batch.Count; i++)
        {
            byte[,,] levels = Levels.Of(batch.Images, i);
            bool flipped = levels[1, 0, 0] > levels[1, 0, 1];
            int top = levels[0, 0, 0], left = levels[1, 0, flipped ? 15 : 0];
            Assert.Equal(Levels.Of(16, 16, (y, x) => ((byte)(top + y), (byte)(left + (flipped ? 15 - x : x)), 9)), levels);
            flips += flipped ? 1 : 0;
            tops.Add(top);
            lefts.Add(left);
        }

        Assert.Equal((0, 48, 49), (tops.Min(), tops.Max(), tops.Count));
        Assert.Equal((0, 64, 65), (lefts.Min(), lefts.Max(), lefts.Count));
        Assert.InRange(flips, 150, 250);
    }

    [Fact]
    public void The_largest_random_crop_of_a_square_is_the_centre_crop()
    {
        using var folder = new TemporaryFolder();
        folder.Write("c/a.png", TestImages.Png(50, 50, TestImages.Pattern));
        using ImageBatch random = ImageFolder.Open(folder.Path, size: 16, new ImageFolderOptions { Crop = ImageCrop.Random(1, 1) }).Read([new(0, 5)]);
        using ImageBatch centre = ImageFolder.Open(folder.Path, size: 16).Read([new(0, 5)]);
        Assert.Equal(Levels.Of(centre.Images, 0), Levels.Of(random.Images, 0));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.0)]
    public void A_certain_flip_is_certain(double probability)
    {
        using var folder = new TemporaryFolder();
        folder.Write("c/a.png", TestImages.Png(6, 6, TestImages.Pattern));
        ImageFolder images = ImageFolder.Open(folder.Path, size: 6, new ImageFolderOptions { FlipProbability = probability });
        using ImageBatch batch = images.Read([.. Enumerable.Range(0, 20).Select(seed => new ImageDraw(0, (ulong)seed))]);
        byte[,,] expected = Levels.Of(6, 6, (y, x) => TestImages.Pattern(y, probability == 1 ? 5 - x : x));
        for (int i = 0; i < batch.Count; i++)
            Assert.Equal(expected, Levels.Of(batch.Images, i));
    }

    [Fact]
    public void Options_are_copied_when_the_folder_is_opened()
    {
        using var folder = new TemporaryFolder();
        folder.Write("c/a.png", TestImages.Png(6, 6, TestImages.Pattern));
        var options = new ImageFolderOptions();
        ImageFolder images = ImageFolder.Open(folder.Path, size: 6, options);
        options.FlipProbability = 1;
        using ImageBatch batch = images.Read([new(0, 0)]);
        Assert.Equal(Levels.Of(6, 6, TestImages.Pattern), Levels.Of(batch.Images, 0));
    }

    [Fact]
    public void Without_classes_all_images_are_taken_and_have_no_condition()
    {
        using var folder = new TemporaryFolder();
        folder.Write("b.png", TestImages.Png(4, 4, TestImages.Plain(2)));
        folder.Write("a.png", TestImages.Png(4, 4, TestImages.Plain(1)));
        folder.Write("sub/c.png", TestImages.Png(4, 4, TestImages.Plain(3)));
        ImageFolder images = ImageFolder.Open(folder.Path, size: 4, new ImageFolderOptions { Unlabelled = true });
        Assert.Empty(images.Classes);
        Assert.Empty(images.Labels);
        using ImageBatch batch = images.Read([new(0, 0), new(1, 0), new(2, 0)]);
        Assert.Equal([1, 2, 3], Enumerable.Range(0, 3).Select(i => Levels.Of(batch.Images, i)[0, 0, 0]));
        Assert.Equal(3, Assert.IsType<NoCondition>(batch.Condition).Count);
    }

    [Fact]
    public void Reading_nothing_gives_an_empty_batch()
    {
        using TemporaryFolder folder = Plain(1);
        using ImageBatch batch = ImageFolder.Open(folder.Path, size: 4).Read([]);
        Assert.Equal([0L, 3, 4, 4], batch.Images.shape);
    }

    [Fact]
    public void A_missing_folder_is_named()
    {
        using var folder = new TemporaryFolder();
        string missing = Path.Combine(folder.Path, "train");
        Assert.Contains(missing, Assert.Throws<DirectoryNotFoundException>(() => ImageFolder.Open(missing, size: 4)).Message, StringComparison.Ordinal);
        folder.Write("train", [1]);
        Assert.Contains("is a file", Assert.Throws<DirectoryNotFoundException>(() => ImageFolder.Open(missing, size: 4)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_images_says_what_it_holds_and_what_is_read()
    {
        using var folder = new TemporaryFolder();
        folder.Write("n01/a.gif", [1]);
        folder.Write("n02/b.gif", [1]);
        folder.Write("n02/b.txt", [1]);
        var error = Assert.Throws<ImageDataException>(() => ImageFolder.Open(folder.Path, size: 4));
        Assert.Contains(folder.Path, error.Message, StringComparison.Ordinal);
        Assert.Contains("2 class folders with 2 of '.gif', 1 of '.txt'", error.Message, StringComparison.Ordinal);
        Assert.Contains(".jpg, .jpeg, .png, .webp", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<ImageDataException>(() => ImageFolder.Open(folder.Folder("n03"), size: 4, new ImageFolderOptions { Unlabelled = true }));
        Assert.Contains("no files", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_flat_folder_is_told_the_expected_layout()
    {
        using var folder = new TemporaryFolder();
        folder.Write("a.png", TestImages.Png(4, 4, TestImages.Pattern));
        folder.Folder("empty");
        var error = Assert.Throws<ImageDataException>(() => ImageFolder.Open(folder.Path, size: 4));
        Assert.Contains(Path.Combine(folder.Path, "class", "image.jpg"), error.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(ImageFolderOptions.Unlabelled), error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void All_unreadable_images_of_a_batch_are_named(int threads)
    {
        using TemporaryFolder folder = Plain(1, 2, 3, 4);
        ImageFolder images = ImageFolder.Open(folder.Path, size: 4, new ImageFolderOptions { Threads = threads });
        File.WriteAllText(images.Paths[1], "not an image");
        File.Delete(images.Paths[3]);

        var error = Assert.Throws<ImageDataException>(() => images.Read([new(0, 0), new(3, 1), new(1, 2), new(3, 3), new(2, 4)]));

        Assert.Equal([(3, images.Paths[3]), (1, images.Paths[1])], error.Unreadable.Select(image => (image.Index, image.Path)));
        Assert.Contains("does not exist", error.Unreadable[0].Reason, StringComparison.Ordinal);
        Assert.Contains("does not start as", error.Unreadable[1].Reason, StringComparison.Ordinal);
        Assert.Equal(images.Paths[3], error.Path);
        Assert.StartsWith("2 images cannot be read: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(images.Paths[1], error.Message, StringComparison.Ordinal);
        Assert.IsType<FileNotFoundException>(error.InnerException);
        Assert.Equal(error.Unreadable[1].Reason, Assert.Throws<ImageDataException>(() => images.Read([new(0, 0), new(1, 0)])).Message);
        images.Read([new(0, 0), new(2, 0)]).Dispose();
    }

    [Fact]
    public void A_draw_of_no_image_is_refused()
    {
        using TemporaryFolder folder = Plain(1, 2);
        ImageFolder images = ImageFolder.Open(folder.Path, size: 4);
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => images.Read([new(0, 0), new(2, 0)]));
        Assert.Contains("Draw 1", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => images.Read([new(-1, 0)]));
    }

    [Fact]
    public void Options_out_of_range_are_all_named_at_once()
    {
        var options = new ImageFolderOptions { FlipProbability = double.NaN, Threads = 0, Crop = null!, MaximumPixels = -1 };
        var error = Assert.Throws<ArgumentException>(() => ImageFolder.Open(".", size: 4, options));
        foreach (string name in new[] { "FlipProbability is NaN", "Threads is 0", "Crop is null", "MaximumPixels is -1" })
            Assert.Contains(name, error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageFolder.Open(".", size: 0));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.5, 0.4)]
    [InlineData(0.5, 1.1)]
    [InlineData(double.NaN, 1)]
    [InlineData(0.5, double.NaN)]
    public void Shares_out_of_range_are_refused(double minimum, double maximum) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageCrop.Random(minimum, maximum));

    [Fact]
    public void Links_are_followed_and_circles_end()
    {
        using var folder = new TemporaryFolder();
        byte[] png = TestImages.Png(4, 4, TestImages.Pattern);
        folder.Write("data/a/1.png", png);
        folder.Write("data/a/sub/2.png", png);
        folder.Write("elsewhere/3.png", png);
        string data = Path.Combine(folder.Path, "data");
        bool linked = ImageFileTests.TryLink(Path.Combine(data, "a", "up"), data, Directory.CreateSymbolicLink);
        if (!linked)
            return;
        Directory.CreateSymbolicLink(Path.Combine(data, "loop"), ".");
        Directory.CreateSymbolicLink(Path.Combine(data, "a", "self"), "self");
        Directory.CreateSymbolicLink(Path.Combine(data, "a", "sub", "back"), Path.Combine("..", "..", "a"));
        Directory.CreateSymbolicLink(Path.Combine(data, "a", "nowhere"), Path.Combine(folder.Path, "none"));
        Directory.CreateSymbolicLink(Path.Combine(data, "b"), Path.Combine(folder.Path, "elsewhere"));
        Directory.CreateSymbolicLink(Path.Combine(folder.Path, "alias"), data);

        foreach (string root in new[] { data, Path.Combine(folder.Path, "alias") })
        {
            ImageFolder images = ImageFolder.Open(root, size: 4);
            Assert.Equal(["a", "b"], images.Classes);
            Assert.Equal(["1.png", "2.png", "3.png"], images.Paths.Select(path => Path.GetFileName(path)));
            Assert.Equal(3, ImageFolder.Open(root, size: 4, new ImageFolderOptions { Unlabelled = true }).Count);
        }
    }

    [Fact]
    public void A_relative_link_in_a_linked_folder_starts_where_the_folder_is()
    {
        using var folder = new TemporaryFolder();
        folder.Write("elsewhere/deep/class/real.png", TestImages.Png(4, 4, TestImages.Plain(60)));
        string inner = folder.Folder("elsewhere/deep/class");
        string root = folder.Folder("root");
        if (!ImageFileTests.TryLink(Path.Combine(inner, "link.png"), Path.Combine("..", "class", "real.png"), File.CreateSymbolicLink))
            return;
        Directory.CreateSymbolicLink(Path.Combine(root, "other"), inner);

        ImageFolder images = ImageFolder.Open(root, size: 4);

        Assert.Equal(["link.png", "real.png"], images.Paths.Select(path => Path.GetFileName(path)));
        using ImageBatch batch = images.Read([new(0, 0)]);
        Assert.Equal(Levels.Of(4, 4, TestImages.Plain(60)), Levels.Of(batch.Images, 0));
    }

    [Fact]
    public void Links_that_fan_out_are_each_entered_once()
    {
        // Two links in each folder to the next: 2^24 ways to the last.
        using var folder = new TemporaryFolder();
        for (int i = 0; i <= 24; i++)
            folder.Folder($"store/{i}");
        folder.Write("store/24/a.png", TestImages.Png(4, 4, TestImages.Pattern));
        string root = folder.Folder("root");
        if (!ImageFileTests.TryLink(Path.Combine(root, "class"), Path.Combine(folder.Path, "store", "0"), Directory.CreateSymbolicLink))
            return;
        for (int i = 0; i < 24; i++)
        {
            foreach (string name in new[] { "x", "y" })
                Directory.CreateSymbolicLink(Path.Combine(folder.Path, "store", $"{i}", name), Path.Combine(folder.Path, "store", $"{i + 1}"));
        }

        Assert.Equal(1, ImageFolder.Open(root, size: 4).Count);
    }

    /// <summary>A folder with a class of one plain image for each level.</summary>
    private static TemporaryFolder Plain(params byte[] levels)
    {
        var folder = new TemporaryFolder();
        for (int i = 0; i < levels.Length; i++)
            folder.Write($"class{i}/image.png", TestImages.Png(9, 9, TestImages.Plain(levels[i])));
        return folder;
    }
}
