namespace VaPi.Native;

/// <summary>A libtorch on this machine: that of an installed PyTorch, or an unpacked libtorch.</summary>
/// <param name="Folder">The full path of the folder that holds its libraries, such as <c>…/site-packages/torch/lib</c>.</param>
/// <param name="Version">As it calls itself, such as <c>2.10.0+cu128</c>; null where no file tells.</param>
/// <param name="HasCuda">Whether it has libraries for CUDA.</param>
public sealed record LibTorchInstallation(string Folder, string? Version, bool HasCuda)
{
    /// <summary>
    /// The names that TorchSharp's native library uses and this libtorch lacks; known once it is in use, and empty unless it is of
    /// another version. Calling one of them ends the process.
    /// </summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    /// <summary>Whether it is the version that TorchSharp was built for, whatever its last number; true where its version is unknown.</summary>
    public bool IsBuiltFor => Version is null || LibTorchVersion.Parse(Version) is { } own && LibTorchVersion.AreCompatible(own, LibTorch.BuiltFor);
}
