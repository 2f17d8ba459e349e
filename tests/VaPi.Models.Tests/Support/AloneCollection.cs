using Xunit;

namespace VaPi.Models.Tests.Support;

/// <summary>Counts of native tensors are the process's, so nothing else may run meanwhile.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public static class AloneCollection
{
    public const string Name = "Models, alone";
}
