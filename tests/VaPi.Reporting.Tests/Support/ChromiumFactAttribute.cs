using Xunit;

namespace VaPi.Reporting.Tests.Support;

/// <summary>A test that looks at a report in a browser; skipped where there is none.</summary>
public sealed class ChromiumFactAttribute : FactAttribute
{
    public ChromiumFactAttribute()
    {
        if (Chromium.Program is null)
            Skip = $"No Chromium was found: neither {string.Join(", ", Chromium.Names)} on the path nor a program that {Chromium.Variable} names.";
    }
}
