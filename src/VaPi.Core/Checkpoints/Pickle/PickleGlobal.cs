namespace VaPi.Checkpoints.Pickle;

/// <summary>An allowed global: a name that stands for itself and for no code.</summary>
/// <param name="Name">Module and name, joined by '.'.</param>
internal abstract record PickleGlobal(string Name)
{
    /// <summary>What a call of it with these arguments gives; null where it cannot be called so.</summary>
    public abstract object? Call(object?[] arguments);
}
