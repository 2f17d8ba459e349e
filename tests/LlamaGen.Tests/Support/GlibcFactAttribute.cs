using System.Runtime.InteropServices;
using Xunit;

namespace LlamaGen.Tests.Support;

/// <summary>A test that measures native memory, for which freed memory must be given back to the system first.</summary>
public sealed partial class GlibcFactAttribute : FactAttribute
{
    public GlibcFactAttribute()
    {
        if (!OperatingSystem.IsLinux() || !NativeLibrary.TryLoad("libc.so.6", out _))
            Skip = "Native memory can be measured with glibc only.";
    }

    /// <summary>Gives memory that was freed back to the system.</summary>
    public static void ReleaseFreed() => _ = Trim(0);

    [DllImport("libc.so.6", EntryPoint = "malloc_trim")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Trim(nuint kept);
}
