using static TorchSharp.torch;

namespace VaPi.Study.Worlds;

/// <summary>Scores samples by what they were to show.</summary>
internal interface ISampleVerifier
{
    /// <summary>Reads samples.</summary>
    /// <param name="draws">The images whose conditions the samples were made for.</param>
    /// <param name="samples">(N, 3, H, W) in [-1, 1], on the CPU. Stays the caller's.</param>
    void Add(IReadOnlyList<ImageDraw> draws, Tensor samples);

    /// <summary>The scores of all samples so far, by name; 0 to 1.</summary>
    IEnumerable<(string Name, double Score)> Scores { get; }
}
