namespace LlamaGen.Memory;

/// <summary>What a command will need at its peak: everything that is held throughout, and the largest of what comes and goes in turn.</summary>
/// <param name="Held">Held from loading to the end.</param>
/// <param name="Phases">One after the other; each is released before the next.</param>
internal sealed record MemoryEstimate(IReadOnlyList<MemoryItem> Held, IReadOnlyList<MemoryItem> Phases)
{
    /// <summary>The bytes of a float32; the library computes in nothing else on these models.</summary>
    public const int Float = 4;

    /// <summary>An allowance for the runtime, libtorch's code and its threads' buffers.</summary>
    public const long Program = 500_000_000;

    public long PeakBytes => Program + Held.Sum(item => item.Bytes) + Phases.Select(item => item.Bytes).DefaultIfEmpty().Max();
}
