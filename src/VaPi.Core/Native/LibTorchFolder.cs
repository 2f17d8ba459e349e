namespace VaPi.Native;

/// <summary>Finds libtorch's libraries in a folder that a user or a search named.</summary>
internal static class LibTorchFolder
{
    private static readonly string[] s_below = ["", "lib", Path.Combine("torch", "lib")];

    /// <summary>The installation in a folder, in its lib (of torch or an unpacked libtorch), or in its torch/lib (of site-packages).</summary>
    /// <returns>Null if none of them holds libtorch.</returns>
    public static LibTorchInstallation? Look(string folder)
    {
        string? holder = s_below.Select(below => Path.GetFullPath(Path.Combine(folder, below)))
            .FirstOrDefault(candidate => File.Exists(Path.Combine(candidate, NativeFiles.Cpu)));
        if (holder is null)
            return null;
        holder = Path.TrimEndingDirectorySeparator(holder);
        return new LibTorchInstallation(holder, LibTorchVersion.Read(holder), File.Exists(Path.Combine(holder, NativeFiles.Cuda)));
    }

    /// <summary>The same, or an error that says what to name.</summary>
    /// <param name="folder">What was named.</param>
    /// <param name="named">Who named it: the start of the message, such as "VAPI_LIBTORCH is".</param>
    public static LibTorchInstallation Require(string folder, string named)
    {
        const string Remedy = "Name the folder torch/lib of an installed PyTorch; "
            + "python3 -c \"import torch; print(torch.__path__[0] + '/lib')\" prints it.";
        if (!Directory.Exists(folder))
            throw new LibTorchException($"{named} '{folder}', which is no folder. {Remedy}");
        return Look(folder)
            ?? throw new LibTorchException($"{named} '{folder}', but there is no {NativeFiles.Cpu} in it, nor in its lib or torch/lib. {Remedy}");
    }
}
