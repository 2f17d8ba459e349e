using System.Runtime.InteropServices;
using Xunit;

namespace VaPi.Build.Tests;

/// <summary>A test of what happens on linux-x64 only; elsewhere it is skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LinuxX64FactAttribute : FactAttribute
{
    public LinuxX64FactAttribute()
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.OSArchitecture != Architecture.X64)
            Skip = "The library that is patched, and the programs that use it, are for linux-x64.";
    }
}
