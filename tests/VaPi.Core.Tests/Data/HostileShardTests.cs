using System.Diagnostics;
using System.Formats.Tar;
using System.Text;
using VaPi.Data;
using Xunit;

namespace VaPi.Tests.Data;

/// <summary>Archives that are damaged by accident or on purpose: they open, or an <see cref="ImageDataException"/> says why not.</summary>
public sealed class HostileShardTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Wherever_a_member_is_cut_off_the_archive_is_refused()
    {
        byte[] whole = Valid(TarEntryFormat.Pax);
        for (int length = 1; length < whole.Length - 1024; length += 97)
            Assert.Contains("a.tar", Assert.IsType<ImageDataException>(Outcome(whole[..length])).Message, StringComparison.Ordinal);
        Assert.Null(Outcome(whole[..^1024])); // only the end's mark is missing
    }

    public static TheoryData<string, string> Damages => new()
    {
        { "checksum", "checksum is wrong" },
        { "gzip", "must be unpacked first" },
        { "size beyond the file", "are left" },
        { "huge binary size", "are left" },
        { "negative binary size", "negative or beyond" },
        { "size that is no number", "a number that is none" },
        { "sparse", "sparse file" },
        { "long attributes", "of attributes" },
        { "attributes that do not parse", "do not parse" },
        { "twice the same", "a second member" },
    };

    [Theory]
    [MemberData(nameof(Damages))]
    public void Damaged_headers_are_refused_with_the_reason(string damage, string reason)
    {
        byte[] archive = TarFiles.Of(TarEntryFormat.Ustar, ("0.png", CaptionSets.Image(0)), ("1.png", CaptionSets.Image(1)));
        void Header(int offset, ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(archive.AsSpan(offset));
            TarFiles.SetChecksum(archive, 0);
        }

        switch (damage)
        {
            case "checksum":
                archive[3] ^= 1;
                break;
            case "gzip":
                archive = [0x1F, 0x8B, 8, .. archive[3..]];
                break;
            case "size beyond the file":
                Header(124, "00077777777\0"u8);
                break;
            case "huge binary size":
                Header(124, [0x80, 0, 0, 0, 0x70, 0, 0, 0, 0, 0, 0, 0]);
                break;
            case "negative binary size":
                Header(124, [.. Enumerable.Repeat((byte)0xFF, 12)]);
                break;
            case "size that is no number":
                Header(124, "12x45678901\0"u8);
                break;
            case "sparse":
                Header(156, "S"u8);
                break;
            case "long attributes":
                Header(124, "00000777777\0"u8);
                Header(156, "x"u8);
                break;
            case "attributes that do not parse":
                Header(156, "x"u8);
                break;
            case "twice the same":
                archive = TarFiles.Of(TarEntryFormat.Ustar, ("0.png", CaptionSets.Image(0)), ("./0.jpg", CaptionSets.Image(1)));
                break;
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        string message = Assert.IsType<ImageDataException>(Outcome(archive)).Message;
        Assert.Contains(reason, message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Theory]
    [InlineData(TarEntryFormat.V7)]
    [InlineData(TarEntryFormat.Gnu)]
    [InlineData(TarEntryFormat.Pax)]
    public void Only_data_exceptions_come_out_of_mutants(TarEntryFormat format)
    {
        byte[] valid = Valid(format);
        var random = new Random(20240301);
        (int refused, int opened) = (0, 0);
        var clock = Stopwatch.StartNew();
        while (clock.ElapsedMilliseconds < 500 || refused + opened < 100)
        {
            byte[] mutant = [.. valid];
            int header = random.Next(valid.Length / 512) * 512;
            for (int i = random.Next(1, 6); i > 0; i--)
                mutant[header + random.Next(512)] = (byte)random.Next(256);

            // So that half of them are met by what comes behind the checksum.
            if (random.Next(2) == 0)
                TarFiles.SetChecksum(mutant, header);
            if (Outcome(mutant) is { } error)
                refused += Assert.IsType<ImageDataException>(error) is not null ? 1 : 0;
            else
                opened++;
        }

        Assert.True(refused > 20 && opened > 20, $"{refused} refused, {opened} opened");
    }

    [Fact]
    public async Task A_pipe_is_refused_without_opening_it()
    {
        if (OperatingSystem.IsWindows())
            return;
        string pipe = Path.Combine(_folder.Path, "pipe.tar");
        FileSystem.MakePipe(pipe);
        await Task.Run(() => Assert.Throws<ImageDataException>(() => ImageShards.Open(_folder.Path, 8))).WaitAsync(TimeSpan.FromSeconds(30));
    }

    private static byte[] Valid(TarEntryFormat format) => TarFiles.Of(
        format,
        [.. Enumerable.Range(0, 4).SelectMany(image => new[]
        {
            ($"folder/{image}.png", CaptionSets.Image(image)),
            ($"folder/{image}.npy", CaptionSets.Features(image)),
            ($"folder/{image}.json", Encoding.UTF8.GetBytes("{\"caption\": \"a picture\"}")),
        })]);

    /// <summary>Opens an archive and reads all of it; what that failed with.</summary>
    private Exception? Outcome(byte[] archive)
    {
        string path = _folder.Write("a.tar", archive);
        return Record.Exception(() =>
        {
            ImageShards images = ImageShards.Open(path, 8, new ImageShardsOptions { Threads = 1, Places = 3 });
            for (int index = 0; index < images.Count; index++)
            {
                Record.Exception(() => images.ReadCaption(index));
                images.Read([new(index, 0)]).Dispose();
            }
        });
    }
}
