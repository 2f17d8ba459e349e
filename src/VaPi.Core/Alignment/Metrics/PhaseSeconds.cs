namespace VaPi.Alignment.Metrics;

/// <summary>The seconds that each phase of a step took.</summary>
/// <param name="Data">Waiting for images, or reading them where nothing is read ahead, and placing them on the device.</param>
/// <param name="Encode">Images to true tokens.</param>
/// <param name="Sample">Noise, the sampling forward, and drawing the groups.</param>
/// <param name="Score">Decoding the samples and computing rewards and advantages.</param>
/// <param name="Train">Log-probabilities, losses and gradients.</param>
/// <param name="Update">Clipping and the optimiser.</param>
/// <param name="Total">The whole step.</param>
public sealed record PhaseSeconds(double Data, double Encode, double Sample, double Score, double Train, double Update, double Total)
{
    /// <summary>Each phase's name, as measurements and activities have it, and its seconds.</summary>
    internal IEnumerable<(string Name, double Seconds)> ByPhase =>
        [("data", Data), ("encode", Encode), ("sample", Sample), ("score", Score), ("train", Train), ("update", Update)];
}
