using Xunit;

namespace VaPi.Build.Tests;

/// <summary>As <see cref="LinuxX64FactAttribute"/>, with data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LinuxX64TheoryAttribute : TheoryAttribute
{
    public LinuxX64TheoryAttribute() => Skip = new LinuxX64FactAttribute().Skip;
}
