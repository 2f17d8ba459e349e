using Xunit;

namespace QuickStart.Tests;

/// <summary>A test that sends signals.</summary>
public sealed class UnixFactAttribute : FactAttribute
{
    public UnixFactAttribute()
    {
        if (OperatingSystem.IsWindows())
            Skip = "One process cannot send Ctrl-C to another on Windows.";
    }
}
