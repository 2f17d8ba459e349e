using System.Runtime.InteropServices;
using System.Text;
using TorchSharp;
using VaPi.Native;
using Xunit;

namespace VaPi.Tests.Native;

/// <summary>What can be told in a process that has a libtorch loaded; tests/VaPi.Build.Tests has programs that choose one.</summary>
public sealed class LibTorchTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vapi-libtorch-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_version_it_was_built_for_is_the_one_that_TorchSharp_names() =>
        Assert.Equal(Version.Parse(torch.__version__), new Version(LibTorch.BuiltFor.Major, LibTorch.BuiltFor.Minor, LibTorch.BuiltFor.Build, 0));

    [Theory]
    [InlineData("2.10.0", true)]
    [InlineData("2.10.0+cu128", true)]
    [InlineData("2.10.1", true)]
    [InlineData("2.10", true)]
    [InlineData("2.11.0+cu130", false)]
    [InlineData("2.1.0", false)]
    [InlineData("1.13.0a0", false)]
    [InlineData("nightly", false)]
    [InlineData(null, true)]
    public void Versions_fit_when_they_differ_in_their_last_number_only(string? version, bool fits)
    {
        var installation = new LibTorchInstallation("/torch/lib", version, HasCuda: false);

        Assert.Equal(fits, installation.IsBuiltFor);
        LibTorch.CheckVersion(installation, anyVersion: true);
        if (fits)
            LibTorch.CheckVersion(installation, anyVersion: false);
        else
            Assert.Contains($"'/torch/lib' is version {version}, but TorchSharp was built for 2.10.0", Assert.Throws<LibTorchException>(() => LibTorch.CheckVersion(installation, anyVersion: false)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("torch/version.py", "__version__ = '2.10.0+cu128'\n", "torch/lib", "2.10.0+cu128")]
    [InlineData("torch/version.py", "__all__ = ['__version__']\n__version__: str = \"2.9.1\"\ncuda = None\n", "torch/lib", "2.9.1")]
    [InlineData("torch/version.py", "debug = False\n", "torch/lib", null)]
    [InlineData("build-version", "2.10.0+cpu\n", "lib", "2.10.0+cpu")]
    [InlineData("something", "2.10.0", "lib", null)]
    public void The_version_is_read_from_PyTorchs_file_or_an_unpacked_libtorchs(string file, string text, string libraries, string? version)
    {
        File.WriteAllText(Path.Combine(Make(libraries), NativeFiles.Cpu), "");
        File.WriteAllText(Path.Combine(_folder, file), text);

        LibTorchInstallation? found = LibTorchFolder.Look(_folder);

        Assert.Equal(new LibTorchInstallation(Path.Combine(_folder, libraries), version, HasCuda: false), found);
        Assert.Equal(found, LibTorchFolder.Look(Path.Combine(_folder, libraries) + Path.DirectorySeparatorChar));
    }

    [Fact]
    public void A_folder_that_is_none_or_holds_no_libtorch_is_an_error_that_says_what_to_name()
    {
        string nowhere = Path.Combine(_folder, "nowhere");

        var none = Assert.Throws<LibTorchException>(() => LibTorch.UseFolder(nowhere));
        var empty = Assert.Throws<LibTorchException>(() => LibTorch.UseFolder(_folder));

        Assert.StartsWith($"The folder of libtorch is '{nowhere}', which is no folder. Name the folder torch/lib", none.Message, StringComparison.Ordinal);
        Assert.StartsWith($"The folder of libtorch is '{_folder}', but there is no {NativeFiles.Cpu} in it, nor in its lib or torch/lib.", empty.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Once_TorchSharp_has_loaded_its_own_there_is_no_choice()
    {
        using torch.Tensor loads = torch.zeros(1);
        File.WriteAllText(Path.Combine(_folder, NativeFiles.Cpu), "");

        var error = Assert.Throws<LibTorchException>(() => LibTorch.UseFolder(_folder));

        if (!OperatingSystem.IsMacOS())
            Assert.Contains("libtorch is loaded already, from '", error.Message, StringComparison.Ordinal);
        Assert.Null(LibTorch.InUse);
    }

    [Fact]
    public void An_interpreter_that_cannot_be_run_is_an_error()
    {
        string program = Path.Combine(_folder, "python3");

        var error = Assert.Throws<LibTorchException>(() => LibTorch.UsePython(program));

        Assert.StartsWith($"'{program}' cannot be run:", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_that_TorchSharp_uses_and_libtorch_lacks_are_told()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using torch.Tensor loads = torch.zeros(1);
        nint libtorch = NativeLibrary.Load(NativeFiles.OfProgram(NativeFiles.Name("torch"))!);
        byte[] file = File.ReadAllBytes(NativeFiles.OfProgram(NativeFiles.TorchSharp)!);
        string name = ElfSymbols.Undefined(file).First(symbol => symbol.Contains("_ops", StringComparison.Ordinal));

        Assert.True(ElfSymbols.Undefined(file).Count > 1000);
        Assert.Empty(LibTorchLoader.Missing(file, libtorch));

        file[file.AsSpan().IndexOf(Encoding.ASCII.GetBytes("\0" + name + "\0")) + name.Length] ^= 1;

        string missing = Assert.Single(LibTorchLoader.Missing(file, libtorch));
        Assert.Equal(name[..^1], missing[..^1]);
    }

    [Fact]
    public void What_is_no_library_or_a_damaged_one_has_no_names()
    {
        byte[] damaged = new byte[64];
        ((byte[])[0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1]).CopyTo(damaged, 0);
        damaged[60] = 1;
        damaged[41] = 0xff;

        Assert.Empty(ElfSymbols.Undefined("no library"u8));
        Assert.Empty(ElfSymbols.Undefined(damaged));
    }

    private string Make(string path) => Directory.CreateDirectory(Path.Combine(_folder, path)).FullName;
}
