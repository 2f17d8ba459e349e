namespace VaPi.Models.LlamaGen.Costs;

/// <summary>What a program will need at its peak: everything that is held throughout, and the largest of what comes and goes in turn.</summary>
/// <param name="Held">Held from loading to the end.</param>
/// <param name="Phases">One after the other; each is released before the next.</param>
public sealed record MemoryEstimate(IReadOnlyList<MemoryItem> Held, IReadOnlyList<MemoryItem> Phases)
{
    /// <summary>An allowance for the runtime, libtorch's code and its threads' buffers, in bytes.</summary>
    public const long ProgramBytes = 500_000_000;

    /// <summary>The bytes at the peak, with <see cref="ProgramBytes"/>.</summary>
    public long PeakBytes => ProgramBytes + Held.Sum(item => item.Bytes) + Phases.Select(item => item.Bytes).DefaultIfEmpty().Max();
}
