using Xunit;

namespace VaPi.Tests.Checkpoints;

/// <summary>For tests that measure time, memory or the number of native tensors: nothing runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "Checkpoints, alone";
}
