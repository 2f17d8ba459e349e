using System.Globalization;
using System.Runtime.InteropServices;
using Xunit;

namespace LlamaGen.Tests.Support;

/// <summary>
/// A test that measures native memory, for which freed memory must be given back to the system first and the system must keep
/// the largest size.
/// </summary>
public sealed partial class GlibcFactAttribute : FactAttribute
{
    private const string Reset = "/proc/self/clear_refs";
    private const string Status = "/proc/self/status";
    private const string Largest = "VmHWM:";

    public GlibcFactAttribute()
    {
        if (!OperatingSystem.IsLinux() || !NativeLibrary.TryLoad("libc.so.6", out _) || !File.Exists(Reset))
            Skip = "Native memory can be measured with glibc on Linux only.";
    }

    /// <summary>The most memory that the process has at any moment of an action, in bytes; kept by the system, so nothing is missed.</summary>
    public static long LargestDuring(Action action)
    {
        using (var reset = new FileStream(Reset, FileMode.Open, FileAccess.Write))
            reset.Write("5"u8); // forgets the largest size so far
        action();
        string line = File.ReadLines(Status).First(line => line.StartsWith(Largest, StringComparison.Ordinal));
        return 1024 * long.Parse(line.AsSpan(Largest.Length).Trim().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture);
    }

    /// <summary>Gives memory that was freed back to the system.</summary>
    public static void ReleaseFreed() => _ = Trim(0);

    [DllImport("libc.so.6", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Trim(nuint kept);
}
