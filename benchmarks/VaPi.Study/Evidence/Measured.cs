namespace VaPi.Study.Evidence;

/// <summary>What was measured of one policy.</summary>
/// <param name="Measures">By name; see <see cref="EvidenceMeasures"/>, and the world's verifier.</param>
/// <param name="Examples">The tokens of its first samples; all policies make them for the same conditions from the same random numbers.</param>
internal sealed record Measured(Dictionary<string, double> Measures, IReadOnlyList<long[]> Examples);
