namespace VaPi.Checkpoints.Pickle;

/// <summary>A value that is accepted and not kept: it cannot hold tensors that a checkpoint would be read for.</summary>
internal sealed class PickleOpaque
{
    public static PickleOpaque Instance { get; } = new();
}
