using System.Reflection;

namespace VaPi.Native;

/// <summary>
/// Chooses the libtorch that TorchSharp computes with, at run time, from an installed PyTorch: instead of a package, and
/// before anything else uses TorchSharp. For Linux and Windows.
/// </summary>
/// <remarks>
/// A program that has a native package, such as <c>libtorch-cpu-linux-x64</c>, needs none of this. Where the environment variable
/// <see cref="FolderVariable"/> is set, VaPi follows it as soon as the first of its types is used.
/// </remarks>
public static class LibTorch
{
    /// <summary>
    /// The environment variable that names a libtorch: its folder, or a Python interpreter that has PyTorch, or <c>python</c> to
    /// search the usual places.
    /// </summary>
    public const string FolderVariable = "VAPI_LIBTORCH";

    /// <summary>The environment variable that, set to <c>1</c>, lets <see cref="FolderVariable"/> name a version that TorchSharp was not built for.</summary>
    public const string AnyVersionVariable = "VAPI_LIBTORCH_ANY_VERSION";

    private const string Search = "python";
    private static readonly Lock s_lock = new();

    /// <summary>The version that TorchSharp was built for.</summary>
    public static Version BuiltFor { get; } = new(
        typeof(LibTorch).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "LibTorchVersion").Value!);

    /// <summary>The libtorch that was chosen; null if none was, and TorchSharp finds its own.</summary>
    public static LibTorchInstallation? InUse { get; private set; }

    /// <summary>The libtorchs of the Python installations on this machine, the likeliest first. Loads nothing and runs nothing.</summary>
    public static IReadOnlyList<LibTorchInstallation> Find() => Find(PythonPlaces.Ours);

    /// <summary>Uses the libtorch in a folder.</summary>
    /// <param name="folder">The folder of its libraries, or one that has them in <c>lib</c> or <c>torch/lib</c>.</param>
    /// <param name="anyVersion">
    /// Whether to try also a version that TorchSharp was not built for; <see cref="LibTorchInstallation.Missing"/> then tells what it lacks.
    /// </param>
    /// <returns>What is in use now.</returns>
    /// <exception cref="LibTorchException">There is none, it is another version or cannot be loaded, or another one is loaded already.</exception>
    public static LibTorchInstallation UseFolder(string folder, bool anyVersion = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        return Use(LibTorchFolder.Require(folder, "The folder of libtorch is"), anyVersion);
    }

    /// <summary>Uses the libtorch of a Python installation.</summary>
    /// <param name="interpreter">
    /// The path or name of the interpreter whose PyTorch it is, which is run to ask; null to search the usual places (an active
    /// environment, the interpreters on the PATH, the user's and the system's packages) and take the first of a fitting version.
    /// </param>
    /// <param name="anyVersion">As in <see cref="UseFolder"/>.</param>
    /// <inheritdoc cref="UseFolder" path="/returns"/>
    /// <inheritdoc cref="UseFolder" path="/exception"/>
    public static LibTorchInstallation UsePython(string? interpreter = null, bool anyVersion = false)
    {
        if (interpreter is not null)
            return Use(LibTorchFolder.Require(PythonInterpreter.TorchFolder(interpreter), $"'{interpreter}' has its PyTorch in"), anyVersion);
        return Use(Choose(Find(), PythonPlaces.Ours), anyVersion);
    }

    /// <summary>Uses what <see cref="FolderVariable"/> names. VaPi does it by itself; call it where a program uses TorchSharp first.</summary>
    /// <returns>What is in use now; null where the variable is not set.</returns>
    /// <inheritdoc cref="UseFolder" path="/exception"/>
    public static LibTorchInstallation? UseFromEnvironment()
    {
        string? named = Environment.GetEnvironmentVariable(FolderVariable);
        if (string.IsNullOrEmpty(named))
            return null;
        bool anyVersion = Environment.GetEnvironmentVariable(AnyVersionVariable) == "1";
        if (named == Search)
            return UsePython(anyVersion: anyVersion);
        return File.Exists(named) ? UsePython(named, anyVersion) : Use(LibTorchFolder.Require(named, $"{FolderVariable} is"), anyVersion);
    }

    /// <summary>The libtorchs in these places.</summary>
    internal static IReadOnlyList<LibTorchInstallation> Find(PythonPlaces places) =>
        [.. places.PackageFolders().Select(LibTorchFolder.Look).OfType<LibTorchInstallation>().DistinctBy(found => found.Folder)];

    /// <summary>The first of a fitting version, else the first, about which the check of versions has something to say.</summary>
    internal static LibTorchInstallation Choose(IReadOnlyList<LibTorchInstallation> found, PythonPlaces places) =>
        found.Count > 0
            ? found.FirstOrDefault(installation => installation.IsBuiltFor) ?? found[0]
            : throw new LibTorchException(
                $"No PyTorch was found. Looked in: {string.Join(", ", places.PackageFolders().DefaultIfEmpty("(no Python packages were found)"))}. Install it (pip install torch=={BuiltFor}), or set {FolderVariable} to the folder torch/lib of one that is elsewhere.");

    /// <summary>Fails where an installation is not what TorchSharp was built for.</summary>
    internal static void CheckVersion(LibTorchInstallation installation, bool anyVersion)
    {
        if (installation.IsBuiltFor || anyVersion)
            return;
        throw new LibTorchException(
            $"The libtorch in '{installation.Folder}' is version {installation.Version}, but TorchSharp was built for {BuiltFor}. Install PyTorch {BuiltFor.Major}.{BuiltFor.Minor} (pip install torch=={BuiltFor}) and name that, or set {AnyVersionVariable}=1 (in code: anyVersion: true) to try this one all the same.");
    }

    private static LibTorchInstallation Use(LibTorchInstallation installation, bool anyVersion)
    {
        if (OperatingSystem.IsMacOS())
            throw new LibTorchException("On macOS libtorch cannot be chosen at run time. Add the package libtorch-cpu-osx-arm64.");
        lock (s_lock)
        {
            if (InUse is { } inUse)
            {
                return inUse.Folder == installation.Folder
                    ? inUse
                    : throw new LibTorchException($"The libtorch in '{inUse.Folder}' is in use, so that in '{installation.Folder}' cannot be. A process can use one only.");
            }

            CheckVersion(installation, anyVersion);
            if (NativeFiles.Loaded(NativeFiles.Cpu) is { } loaded)
                throw new LibTorchException($"libtorch is loaded already, from '{loaded}', so that in '{installation.Folder}' cannot be. Choose it at the start of the program, before anything uses TorchSharp.");
            if (NativeFiles.OfProgram(NativeFiles.Cpu) is { } own)
                throw new LibTorchException($"The program has a libtorch of its own, '{own}', which TorchSharp would load beside that in '{installation.Folder}'. Leave its package out (in VaPi's repository: build with -p:VaPiBackend=none), or do not choose another ({FolderVariable}).");
            return InUse = LibTorchLoader.Load(installation, anyVersion);
        }
    }
}
