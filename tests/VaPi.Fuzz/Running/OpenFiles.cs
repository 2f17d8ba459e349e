namespace VaPi.Fuzz.Running;

/// <summary>The files below a folder that the process has open, where the system tells.</summary>
internal static class OpenFiles
{
    private const string Descriptors = "/proc/self/fd";

    /// <summary>How many files the process has open; 0 where the system does not tell.</summary>
    public static int Count() => OperatingSystem.IsLinux() ? Directory.EnumerateFileSystemEntries(Descriptors).Count() : 0;

    /// <summary>The paths of those below a folder.</summary>
    public static IReadOnlyList<string> Below(string folder)
    {
        if (!OperatingSystem.IsLinux())
            return [];
        return
        [
            .. Directory.EnumerateFileSystemEntries(Descriptors).Select(Target).OfType<string>()
                .Where(target => target.StartsWith(folder, StringComparison.Ordinal)),
        ];
    }

    // Other threads open and close files meanwhile.
    private static string? Target(string descriptor)
    {
        try
        {
            return new FileInfo(descriptor).LinkTarget;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
