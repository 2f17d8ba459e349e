using VaPi.Data;
using Xunit;

namespace VaPi.Tests.Data;

/// <summary>What image folders hold by mistake or by malice: nothing hangs, nothing is guessed at, every file is named.</summary>
public class HostileFolderTests
{
    private static readonly TimeSpan Hang = TimeSpan.FromSeconds(30);

    public static TheoryData<string, string, byte[]> Files => new()
    {
        { "text.jpg", "does not start as a JPEG", "This is a text."u8.ToArray() },
        { "page.png", "does not start as a JPEG", "<!doctype html><title>404</title>"u8.ToArray() },
        { "empty.webp", "is empty or not a regular file", [] },
        { "cut.jpg", "it is cut off", TestImages.Jpeg(64, 64, TestImages.Pattern)[..1500] },
        { "cut.png", "it is cut off", TestImages.Png(64, 64, TestImages.Pattern)[..700] },
        { "cut.webp", "cannot be decoded", TestImages.Webp(64, 64, TestImages.Pattern)[..300] },
        { "huge.png", "has 60000x60000 pixels; at most 100000000 are allowed", TestImages.Png(60000, 60000, bits: 8, colourType: 2, [0]) },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_that_is_no_image_is_named_with_the_reason(string name, string reason, byte[] content)
    {
        using TemporaryFolder folder = WithOneImage();
        string path = folder.Write($"class/{name}", content);
        AssertUnreadable(folder, path, reason);
    }

    [Fact]
    public void A_huge_header_costs_no_memory()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("huge.png", TestImages.Png(60000, 60000, bits: 8, colourType: 2, [0]));
        string webp = folder.Write("huge.webp", Webp(16384, 16384));
        Assert.Throws<ImageDataException>(() => ImageFile.Load(path));

        long before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<ImageDataException>(() => ImageFile.Load(path));
        Assert.Contains(nameof(ImageDecodingOptions.MaximumPixels), error.Message, StringComparison.Ordinal);
        Assert.Contains("16384x16384", Assert.Throws<ImageDataException>(() => ImageFile.Load(webp)).Message, StringComparison.Ordinal);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Theory]
    [InlineData("long text.png")]
    [InlineData("long unknown chunk.png")]
    [InlineData("long transparency.png")]
    [InlineData("long palette.png")]
    [InlineData("many chunks.png")]
    [InlineData("many scans.jpg")]
    [InlineData("many frames.webp")]
    public void A_file_made_to_take_long_takes_no_longer_than_others_of_its_length(string name)
    {
        byte[] large = new byte[16 << 20];
        byte[] content = name switch
        {
            // The decoder's own reading of chunks takes time that grows with the square of their length: ten seconds for one of this.
            "long text.png" => WithChunks(("tEXt", large)),
            "long unknown chunk.png" => WithChunks(("junk", large)),
            "long transparency.png" => WithChunks(("tRNS", large)),
            "long palette.png" => WithChunks(("PLTE", large)),
            "many chunks.png" => WithChunks([.. Enumerable.Repeat(("tRNS", new byte[6]), 100_000)]),
            "many scans.jpg" => TestImages.ProgressiveJpeg(scans: 20_000, side: 2048),
            _ => TestImages.AnimatedWebp([.. Enumerable.Repeat((byte)30, 20_000)]),
        };
        using var folder = new TemporaryFolder();
        string path = folder.Write(name, content);
        TimeSpan before = Environment.CpuUsage.TotalTime;
        Exception? error = Record.Exception(() => ImageFile.Load(path).Dispose());
        TimeSpan taken = Environment.CpuUsage.TotalTime - before;

        Assert.True(error is null or ImageDataException, error?.ToString());
        Assert.True(taken < TimeSpan.FromSeconds(3), $"it took {taken}: {error?.Message ?? "it was read"}");
    }

    [Theory]
    [InlineData("a.jpg")]
    [InlineData("a.png")]
    [InlineData("a.webp")]
    public void Wherever_a_file_is_cut_off_it_is_whole_or_refused(string name)
    {
        using var folder = new TemporaryFolder();
        byte[] content = name switch
        {
            "a.jpg" => TestImages.Jpeg(40, 40, TestImages.Pattern),
            "a.png" => TestImages.Png(40, 40, TestImages.Pattern),
            _ => TestImages.Webp(40, 40, TestImages.Pattern),
        };
        byte[,,] whole = Levels.Load(folder.Write(name, content));

        int refused = 0;
        for (int length = 0; length < content.Length; length += length < content.Length - 40 ? 13 : 1)
        {
            string path = folder.Write(name, content[..length]);
            byte[,,]? read = null;
            if (Record.Exception(() => read = Levels.Load(path)) is { } error)
                refused += Assert.IsType<ImageDataException>(error).Message.Contains(path, StringComparison.Ordinal) ? 1 : 0;
            else
                Assert.Equal(whole, read); // No more than the end mark was missing.
        }

        Assert.True(refused > content.Length / 13 - 10, $"{refused} cuts of {content.Length} bytes were refused");
    }

    [Fact]
    public void Unusual_images_are_read_like_others()
    {
        using var folder = new TemporaryFolder();
        folder.Write("class/1-sixteen-bits.png", TestImages.Png(1, 1, bits: 16, colourType: 2, [0, 0x12, 0x34, 0x56, 0x78, 0x9A, 0xBC]));
        folder.Write("class/2-animated.webp", TestImages.AnimatedWebp(30, 220));
        using ImageBatch batch = ImageFolder.Open(folder.Path, size: 8).Read([new(0, 0), new(1, 0)]);
        Assert.Equal(Levels.Of(8, 8, (_, _) => (0x12, 0x56, 0x9A)), Levels.Of(batch.Images, 0));
        Assert.Equal(Levels.Of(8, 8, TestImages.Plain(30)), Levels.Of(batch.Images, 1));
    }

    [Fact]
    public void A_file_without_permission_is_unreadable()
    {
        if (OperatingSystem.IsWindows())
            return;
        using TemporaryFolder folder = WithOneImage();
        string path = folder.Write("class/secret.png", TestImages.Png(4, 4, TestImages.Pattern));
        File.SetUnixFileMode(path, UnixFileMode.None);
        FileSystem.WithoutPrivileges(() => AssertUnreadable(folder, path, "denied"));
    }

    [Fact]
    public void A_folder_without_permission_is_refused_when_it_is_opened()
    {
        if (OperatingSystem.IsWindows())
            return;
        using TemporaryFolder folder = WithOneImage();
        string closed = folder.Folder("class/closed");
        File.SetUnixFileMode(closed, UnixFileMode.None);
        FileSystem.WithoutPrivileges(() =>
            Assert.Contains(closed, Assert.Throws<ImageDataException>(() => ImageFolder.Open(folder.Path, size: 4)).Message, StringComparison.Ordinal));
        File.SetUnixFileMode(closed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public void A_file_deleted_after_opening_is_unreadable()
    {
        using TemporaryFolder folder = WithOneImage();
        string path = folder.Write("class/short-lived.png", TestImages.Png(4, 4, TestImages.Pattern));
        ImageFolder images = ImageFolder.Open(folder.Path, size: 4);
        File.Delete(path);
        AssertUnreadable(images, path, "does not exist");
    }

    [Fact]
    public void A_class_deleted_after_opening_is_unreadable()
    {
        using TemporaryFolder folder = WithOneImage();
        string path = folder.Write("other/a.png", TestImages.Png(4, 4, TestImages.Pattern));
        ImageFolder images = ImageFolder.Open(folder.Path, size: 4);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        AssertUnreadable(images, path, "does not exist");
    }

    [Fact]
    public void A_folder_with_an_images_name_is_a_folder()
    {
        using TemporaryFolder folder = WithOneImage();
        string inner = folder.Write("class/album.jpg/inner.png", TestImages.Png(4, 4, TestImages.Pattern));
        ImageFolder images = ImageFolder.Open(folder.Path, size: 4);
        Assert.Contains(inner, images.Paths);
        Assert.Equal(2, images.Count);
        string album = Path.GetDirectoryName(inner)!;
        Assert.Contains("is a folder", Assert.Throws<ImageDataException>(() => ImageFile.Load(album)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Links_that_lead_nowhere_or_in_a_circle_are_unreadable()
    {
        using TemporaryFolder folder = WithOneImage();
        string dangling = Path.Combine(folder.Path, "class", "dangling.jpg");
        if (!ImageFileTests.TryLink(dangling, Path.Combine(folder.Path, "none.jpg"), File.CreateSymbolicLink))
            return;
        await Task.Run(() => AssertUnreadable(folder, dangling, "none.jpg")).WaitAsync(Hang);
        File.Delete(dangling);

        string self = Path.Combine(folder.Path, "class", "self.jpg");
        File.CreateSymbolicLink(self, "self.jpg");
        await Task.Run(() => AssertUnreadable(folder, self, "leads in a circle")).WaitAsync(Hang);
        File.Delete(self);

        string there = Path.Combine(folder.Path, "class", "there.jpg");
        File.CreateSymbolicLink(there, "back.jpg");
        File.CreateSymbolicLink(Path.Combine(folder.Path, "class", "back.jpg"), "there.jpg");
        await Task.Run(() => AssertUnreadable(folder, there, "leads in a circle")).WaitAsync(Hang);
    }

    [Fact]
    public async Task Pipes_and_devices_are_refused_without_opening_them()
    {
        if (OperatingSystem.IsWindows())
            return;
        using TemporaryFolder folder = WithOneImage();
        string pipe = Path.Combine(folder.Folder("class"), "pipe.jpg");
        FileSystem.MakePipe(pipe);
        await Task.Run(() => AssertUnreadable(folder, pipe, "is empty or not a regular file")).WaitAsync(Hang);
        string toPipe = Path.Combine(folder.Path, "class", "to-pipe.jpg");
        File.CreateSymbolicLink(toPipe, pipe);
        await Task.Run(() => AssertUnreadable(folder, toPipe, "is empty or not a regular file")).WaitAsync(Hang);
        File.Delete(pipe);
        File.Delete(toPipe);

        string zeroes = Path.Combine(folder.Path, "class", "zeroes.jpg");
        File.CreateSymbolicLink(zeroes, "/dev/zero");
        await Task.Run(() => AssertUnreadable(folder, zeroes, "is empty or not a regular file")).WaitAsync(Hang);
    }

    private static byte[] WithChunks(params (string Type, byte[] Data)[] chunks) => TestImages.Png(8, 8, bits: 8, colourType: 2, new byte[8 * 25], chunks);

    /// <summary>A folder with one good image, which comes first in every order.</summary>
    private static TemporaryFolder WithOneImage()
    {
        var folder = new TemporaryFolder();
        folder.Write("class/0.png", TestImages.Png(4, 4, TestImages.Plain(77)));
        return folder;
    }

    private static void AssertUnreadable(TemporaryFolder folder, string path, string reason) =>
        AssertUnreadable(ImageFolder.Open(folder.Path, size: 4, new ImageFolderOptions { Threads = 1 }), path, reason);

    // On the calling thread, since permissions are a thread's.
    private static void AssertUnreadable(ImageFolder images, string path, string reason)
    {
        int index = images.Paths.ToList().IndexOf(path);
        Assert.True(index > 0, $"'{path}' is not listed");

        var error = Assert.Throws<ImageDataException>(() => images.Read([new(0, 1), new(index, 2)]));

        UnreadableImage unreadable = Assert.Single(error.Unreadable);
        Assert.Equal((index, path), (unreadable.Index, unreadable.Path));
        Assert.Contains(path, unreadable.Reason, StringComparison.Ordinal);
        Assert.Contains(reason, unreadable.Reason, StringComparison.Ordinal);
        using ImageBatch rest = images.Read([new(0, 1)]);
        Assert.Equal(Levels.Of(4, 4, TestImages.Plain(77)), Levels.Of(rest.Images, 0));
    }

    /// <summary>The header of a lossless WebP, and no pixels.</summary>
    private static byte[] Webp(int height, int width)
    {
        uint size = (uint)(width - 1) | ((uint)(height - 1) << 14);
        return [.. "RIFF"u8, 30, 0, 0, 0, .. "WEBPVP8L"u8, 18, 0, 0, 0, 0x2F, (byte)size, (byte)(size >> 8), (byte)(size >> 16), (byte)(size >> 24), .. new byte[13]];
    }
}
