using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Xunit;

namespace VaPi.Build.Tests;

public sealed class PatchedCopyTests : IDisposable
{
    private readonly string _folder = TestEnvironment.NewFolder();

    private string Destination => Path.Combine(_folder, "out", "libLibTorchSharp.so");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_original_stays_as_it_is_and_no_other_file_is_left()
    {
        byte[] before = SHA256.HashData(File.ReadAllBytes(TestEnvironment.OriginalLibrary));

        var result = LibstdcxxPatch.WritePatchedCopy(TestEnvironment.OriginalLibrary, Destination);

        Assert.Equal(LibstdcxxPatchOutcome.Patched, result.Outcome);
        Assert.True(File.ReadAllBytes(Destination).AsSpan().SequenceEqual(result.Image));
        Assert.Equal(before, SHA256.HashData(File.ReadAllBytes(TestEnvironment.OriginalLibrary)));
        Assert.Equal([Destination], Directory.GetFiles(_folder, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void The_copy_is_newer_than_the_original_even_if_that_is_of_the_future()
    {
        string source = CopyOfOriginal();
        File.SetLastWriteTimeUtc(source, DateTime.UtcNow.AddDays(1));

        LibstdcxxPatch.WritePatchedCopy(source, Destination);

        Assert.True(File.GetLastWriteTimeUtc(Destination) > File.GetLastWriteTimeUtc(source));
    }

    [Fact]
    public void A_second_run_writes_nothing()
    {
        LibstdcxxPatch.WritePatchedCopy(TestEnvironment.OriginalLibrary, Destination);
        var time = new DateTime(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(Destination, time);

        LibstdcxxPatch.WritePatchedCopy(TestEnvironment.OriginalLibrary, Destination);

        Assert.Equal(time, File.GetLastWriteTimeUtc(Destination));
    }

    [Fact]
    public void A_file_can_be_patched_onto_itself()
    {
        string file = CopyOfOriginal();

        Assert.Equal(LibstdcxxPatchOutcome.Patched, LibstdcxxPatch.WritePatchedCopy(file, file).Outcome);
        Assert.Equal(LibstdcxxPatchOutcome.NotNeeded, LibstdcxxPatch.WritePatchedCopy(file, file).Outcome);
    }

    [Fact]
    public void An_unexpected_file_gives_no_copy()
    {
        var image = ElfImage.Original();
        image.Set16(18, 183);
        string source = Path.Combine(_folder, "odd.so");
        File.WriteAllBytes(source, image.Bytes);

        Assert.Equal(LibstdcxxPatchOutcome.Unexpected, LibstdcxxPatch.WritePatchedCopy(source, Destination).Outcome);
        Assert.False(File.Exists(Destination));
    }

    [LinuxX64Fact]
    public void A_destination_that_is_a_hard_link_is_replaced_not_written_through()
    {
        string linkedTo = CopyOfOriginal();
        Directory.CreateDirectory(Path.GetDirectoryName(Destination)!);
        Assert.Equal(0, CreateHardLink(linkedTo, Destination));

        LibstdcxxPatch.WritePatchedCopy(linkedTo, Destination);

        Assert.True(ElfImage.Original().Bytes.AsSpan().SequenceEqual(File.ReadAllBytes(linkedTo)));
        Assert.Equal(LibstdcxxPatchOutcome.NotNeeded, LibstdcxxPatch.Apply(File.ReadAllBytes(Destination)).Outcome);
    }

    [LinuxX64Fact]
    public void The_mode_is_kept()
    {
        if (!OperatingSystem.IsLinux())
            return;

        foreach (var mode in (UnixFileMode[])
            [
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute,
                UnixFileMode.UserRead | UnixFileMode.GroupRead,
            ])
        {
            string source = CopyOfOriginal();
            File.SetUnixFileMode(source, mode);

            LibstdcxxPatch.WritePatchedCopy(source, Destination);

            Assert.Equal(mode, File.GetUnixFileMode(Destination));
            File.Delete(Destination);
        }
    }

    [LinuxX64Fact]
    public void The_patched_library_of_this_test_loads_and_computes()
    {
        string library = Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native", "libLibTorchSharp.so");
        Assert.Equal(LibstdcxxPatchOutcome.NotNeeded, LibstdcxxPatch.Apply(File.ReadAllBytes(library)).Outcome);

        using var sum = TorchSharp.torch.ones(2, 3).sum();

        Assert.Equal(6f, sum.item<float>());
    }

    private string CopyOfOriginal()
    {
        string file = Path.Combine(_folder, Guid.NewGuid().ToString("N") + ".so");
        File.Copy(TestEnvironment.OriginalLibrary, file);
        return file;
    }

    [DllImport("libc", EntryPoint = "link", BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int CreateHardLink(
        [MarshalAs(UnmanagedType.LPUTF8Str)] string existing, [MarshalAs(UnmanagedType.LPUTF8Str)] string link);
}
