using Xunit;

namespace VaPi.Build.Tests;

/// <summary>
/// Programs that take libtorch from an installed PyTorch. The stand-in for that is a folder laid out like one, with links to the
/// libraries of the package that this build restored.
/// </summary>
[Collection(PackageCollection.Name)]
public sealed class RunTimeBackendTests(PackageFixture package) : IDisposable
{
    private readonly string _folder = TestEnvironment.NewFolder();

    /// <summary>A program that refers to VaPi.Core and to no libtorch.</summary>
    private string Program => Path.Combine(package.PublishedForAny, "Indirect.dll");

    private string Prefix => Path.Combine(_folder, "environment");

    private string Torch => Path.Combine(Prefix, "lib", "python3.12", "site-packages", "torch");

    private string Libraries => Path.Combine(Torch, "lib");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [LinuxX64Fact]
    public void The_folder_that_the_variable_names_is_used()
    {
        Install("2.10.0+cu128");

        Assert.Contains($"The sum is 6, with LibTorchInstallation {{ Folder = {Libraries}, Version = 2.10.0+cu128,", Compute(Libraries), StringComparison.Ordinal);
    }

    [LinuxX64Fact]
    public void An_active_environments_PyTorch_is_found()
    {
        Install("2.10.1");

        Assert.Contains($"with LibTorchInstallation {{ Folder = {Libraries},", Compute("python"), StringComparison.Ordinal);
    }

    [LinuxX64Fact]
    public void An_interpreter_is_asked()
    {
        Install("2.10.0");
        string interpreter = Script($"echo '{Torch}'");

        Assert.Contains("The sum is 6,", Compute(interpreter), StringComparison.Ordinal);
    }

    [LinuxX64Fact]
    public void An_interpreter_that_has_no_PyTorch_or_fails_is_an_error()
    {
        Assert.Contains("has no PyTorch. Install it there (pip install torch==2.10.0)", Compute(Script("echo"), works: false), StringComparison.Ordinal);
        Assert.Contains("ended with 3: no such module. Name a Python 3 interpreter", Compute(Script("echo no such module >&2; exit 3"), works: false), StringComparison.Ordinal);
    }

    [LinuxX64Fact]
    public void Another_version_is_an_error_that_names_both_unless_it_is_allowed()
    {
        Install("2.9.1+cu126");

        string refused = Compute(Libraries, works: false);

        Assert.Contains($"The libtorch in '{Libraries}' is version 2.9.1+cu126, but TorchSharp was built for 2.10.0.", refused, StringComparison.Ordinal);
        Assert.Contains("VAPI_LIBTORCH_ANY_VERSION=1", refused, StringComparison.Ordinal);
        Assert.Contains("The sum is 6,", Compute(Libraries, variables: ("VAPI_LIBTORCH_ANY_VERSION", "1")), StringComparison.Ordinal);
    }

    [LinuxX64Fact]
    public void A_library_that_is_missing_is_looked_for_in_NVIDIAs_packages_and_then_named()
    {
        Install("2.10.0");
        const string Needed = "libc10.so";
        File.Delete(Path.Combine(Libraries, Needed));

        Assert.Contains($"needs {Needed}, which is not on this machine", Compute(Libraries, works: false), StringComparison.Ordinal);

        string nvidia = Path.Combine(Path.GetDirectoryName(Torch)!, "nvidia", "stand_in", "lib");
        Directory.CreateDirectory(nvidia);
        File.CreateSymbolicLink(Path.Combine(nvidia, Needed), Path.Combine(TestEnvironment.LibTorchFolder, Needed));

        Assert.Contains("The sum is 6,", Compute(Libraries), StringComparison.Ordinal);
    }

    [LinuxX64Fact]
    public void A_file_that_is_no_library_is_named()
    {
        Install("2.10.0");
        string broken = Path.Combine(Libraries, "libc10.so");
        File.Delete(broken);
        File.WriteAllText(broken, "no library");

        string output = Compute(Libraries, works: false);

        Assert.Contains($"'{broken}' cannot be loaded:", output, StringComparison.Ordinal);
        Assert.Contains("file too short. Install PyTorch again", output, StringComparison.Ordinal);
    }

    [LinuxX64Fact]
    public void A_program_with_a_libtorch_of_its_own_cannot_take_another()
    {
        Install("2.10.0");
        string program = Path.Combine(package.Program, "bin", "Debug", "net10.0", "Program.dll");

        string output = Run(program, works: false, [], ("VAPI_LIBTORCH", Libraries));

        Assert.Contains($"The program has a libtorch of its own, '{Path.Combine(Path.GetDirectoryName(program)!, "runtimes", "linux-x64", "native", "libtorch_cpu.so")}'", output, StringComparison.Ordinal);
        Assert.Contains("Leave its package out", output, StringComparison.Ordinal);
    }

    [LinuxX64Fact]
    public void Without_any_libtorch_the_error_names_the_package_to_add_and_the_variable_to_set()
    {
        // TorchSharp would copy what it finds in the package cache beside the program.
        string output = Run(Program, works: false, ["compute"], ("VAPI_LIBTORCH", ""), ("NUGET_PACKAGES", _folder));

        Assert.Contains("Add the package libtorch-cpu-linux-x64", output, StringComparison.Ordinal);
        Assert.Contains("or set VAPI_LIBTORCH to the folder torch/lib of an installed PyTorch 2.10.", output, StringComparison.Ordinal);
    }

    private void Install(string version)
    {
        Directory.CreateDirectory(Libraries);
        File.WriteAllText(Path.Combine(Torch, "version.py"), $"__all__ = ['__version__']\n__version__ = '{version}'\ndebug = False\n");
        foreach (string library in Directory.GetFiles(TestEnvironment.LibTorchFolder))
            File.CreateSymbolicLink(Path.Combine(Libraries, Path.GetFileName(library)), library);
    }

    private string Script(string body)
    {
        string script = Path.Combine(_folder, "python" + Guid.NewGuid().ToString("N"));
        File.WriteAllText(script, "#!/bin/sh\n" + body + "\n");
        if (OperatingSystem.IsLinux())
            File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return script;
    }

    private string Compute(string named, bool works = true, params (string Name, string Value)[] variables) =>
        Run(Program, works, ["compute"], [("VAPI_LIBTORCH", named), ("VIRTUAL_ENV", Prefix), ("NUGET_PACKAGES", _folder), .. variables]);

    private string Run(string program, bool works, string[] arguments, params (string Name, string Value)[] variables) =>
        Dotnet.RunProgram(Dotnet.Host, _folder, works, [program, .. arguments], variables.ToDictionary(v => v.Name, v => v.Value));
}
