using Xunit;

namespace VaPi.Tests;

/// <summary>
/// For tests of what belongs to the whole process: time, memory, the number of native tensors, the global random generator,
/// meters. Nothing runs beside them.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AloneCollection
{
    public const string Name = "Alone";
}
