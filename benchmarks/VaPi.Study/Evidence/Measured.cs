namespace VaPi.Study.Evidence;

/// <summary>What was measured of one policy.</summary>
/// <param name="Measures">By name; see <see cref="EvidenceMeasures"/>, and the world's verifier.</param>
/// <param name="Examples">A PNG of its first samples; see <see cref="Evidence.Examples"/>.</param>
internal sealed record Measured(Dictionary<string, double> Measures, byte[] Examples);
