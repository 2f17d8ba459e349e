using VaPi.Tests.Toys;
using Xunit;

namespace VaPi.Models.Tests.Support;

/// <summary>A test that measures native memory exactly, which not every system lets it.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class GlibcFactAttribute : FactAttribute
{
    public GlibcFactAttribute()
    {
        if (!PeakMemory.IsExact)
            Skip = "Native memory can be measured with glibc on Linux only.";
    }
}
