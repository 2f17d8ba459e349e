using Xunit;

namespace VaPi.Models.Tests.PyTorch;

/// <summary>A test that PyTorch itself is needed for; skipped with the reason where it is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PyTorchFactAttribute : FactAttribute
{
    public PyTorchFactAttribute() => Skip = PyTorch.WhyMissing!;
}
