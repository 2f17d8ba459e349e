using VaPi.Native;
using Xunit;

namespace VaPi.Tests.Native;

/// <summary>The search for installations, in a file system of folders and empty files.</summary>
public sealed class PythonPlacesTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("vapi-python-").FullName;
    private readonly Dictionary<string, string> _variables = [];

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void An_active_environment_comes_before_the_interpreters_on_the_path_the_users_and_the_systems()
    {
        if (OperatingSystem.IsWindows())
            return;
        string system = Packages("usr/lib/python3.11/dist-packages");
        string debian = Packages("usr/lib/python3/dist-packages");
        string local = Packages("home/.local/lib/python3.11/site-packages");
        string older = Packages("env/lib/python3.9/site-packages");
        string active = Packages("env/lib/python3.12/site-packages");
        string conda = Packages("conda/lib/python3.12/site-packages");
        string other = Packages("tools/lib/python3.10/site-packages");
        string optional = Packages("opt/thing/.venv/lib/python3.13/site-packages");
        string added = Packages("added");
        File.WriteAllText(Path.Combine(Folder("tools/bin"), "python3"), "");
        (_variables["VIRTUAL_ENV"], _variables["CONDA_PREFIX"], _variables["HOME"]) = (At("env"), At("conda"), At("home"));
        (_variables["PATH"], _variables["PYTHONPATH"]) = ($"{At("nowhere")}:{At("tools/bin")}", At("added"));

        Assert.Equal([added, active, older, conda, other, local, system, debian, optional], Places.PackageFolders());
    }

    [Fact]
    public void A_virtual_environments_interpreter_is_taken_with_the_one_that_it_is_a_link_to()
    {
        if (OperatingSystem.IsWindows())
            return;
        string real = Packages("base/lib/python3.12/site-packages");
        string environment = Packages("env/lib/python3.12/site-packages");
        File.WriteAllText(Path.Combine(Folder("base/bin"), "python3.12"), "");
        File.CreateSymbolicLink(Path.Combine(Folder("env/bin"), "python3"), At("base/bin/python3.12"));
        _variables["PATH"] = At("env/bin");

        Assert.Equal([environment, real], Places.PackageFolders());
    }

    [Fact]
    public void Only_those_that_hold_libtorch_are_found_each_once()
    {
        if (OperatingSystem.IsWindows())
            return;
        Packages("usr/lib/python3.11/site-packages");
        string folder = Folder("env/lib/python3.12/site-packages/torch/lib");
        File.WriteAllText(Path.Combine(folder, NativeFiles.Cpu), "");
        File.WriteAllText(Path.Combine(folder, NativeFiles.Cuda), "");
        File.WriteAllText(Path.Combine(folder, "..", "version.py"), "from typing import Optional\n__version__ = '2.10.0+cu128'\ncuda: Optional[str] = '12.8'\n");
        (_variables["VIRTUAL_ENV"], _variables["CONDA_PREFIX"]) = (At("env"), At("env"));

        Assert.Equal([new LibTorchInstallation(folder, "2.10.0+cu128", HasCuda: true)], LibTorch.Find(Places));
    }

    [Fact]
    public void A_fitting_version_is_chosen_before_an_earlier_one_that_does_not_fit()
    {
        LibTorchInstallation older = new("/a", "1.13.0a0", HasCuda: false), fitting = new("/b", "2.10.1", HasCuda: true);

        Assert.Same(fitting, LibTorch.Choose([older, fitting], Places));
        Assert.Same(older, LibTorch.Choose([older], Places));
    }

    [Fact]
    public void Where_there_is_none_the_error_names_the_places_and_what_to_do()
    {
        if (OperatingSystem.IsWindows())
            return;
        string packages = Packages("usr/lib/python3.11/site-packages");

        var error = Assert.Throws<LibTorchException>(() => LibTorch.Choose(LibTorch.Find(Places), Places));

        Assert.Contains($"Looked in: {packages}.", error.Message, StringComparison.Ordinal);
        Assert.Contains("pip install torch==2.10.0", error.Message, StringComparison.Ordinal);
        Assert.Contains("set VAPI_LIBTORCH", error.Message, StringComparison.Ordinal);
    }

    private PythonPlaces Places => new(_variables.GetValueOrDefault, _root);

    private string Packages(string path) => Folder(path);

    private string Folder(string path) => Directory.CreateDirectory(At(path)).FullName;

    private string At(string path) => Path.Combine(_root, path);
}
