using TorchSharp;
using VaPi.Checkpoints;
using static TorchSharp.torch;

namespace VaPi.Evaluation.Files;

/// <summary>The published <c>.npz</c> of means and covariances.</summary>
internal static class StatisticsArchive
{
    private const string Mean = "mu";
    private const string Covariance = "sigma";
    private const string Spatial = "_s";

    /// <exception cref="CheckpointException">The file cannot be read, or holds no statistics.</exception>
    public static (FeatureStatistics Pooled, FeatureStatistics? Spatial) Read(string path)
    {
        using CheckpointReader file = CheckpointReader.Open(path);
        if (!file.Contains(Mean) || !file.Contains(Covariance))
        {
            throw new CheckpointException(
                path, $"it has {string.Join(", ", file.Entries.Take(8).Select(entry => $"'{entry.Name}'"))}", $"'{Mean}' and '{Covariance}'",
                "Give a file of reference statistics; of images alone, take the features with a network");
        }

        FeatureStatistics pooled = Read(file, "");
        try
        {
            return (pooled, file.Contains(Mean + Spatial) && file.Contains(Covariance + Spatial) ? Read(file, Spatial) : null);
        }
        catch
        {
            pooled.Dispose();
            throw;
        }
    }

    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string path, FeatureStatistics pooled, FeatureStatistics? spatial)
    {
        using var archive = new ArrayArchive(path);
        foreach ((FeatureStatistics? statistics, string suffix) in new[] { (pooled, ""), (spatial, Spatial) })
        {
            if (statistics is null)
                continue;
            archive.Add(Mean + suffix, statistics.Mean);
            archive.Add(Covariance + suffix, statistics.Covariance);
        }

        archive.Commit();
    }

    private static FeatureStatistics Read(CheckpointReader file, string suffix)
    {
        using DisposeScope scope = NewDisposeScope();
        try
        {
            return new FeatureStatistics(file.Read(Mean + suffix, ScalarType.Float64), file.Read(Covariance + suffix, ScalarType.Float64));
        }
        catch (ArgumentException exception)
        {
            throw new CheckpointException(
                file.Path, $"its '{Mean}{suffix}' and '{Covariance}{suffix}' are no statistics", "a mean (D) and a covariance (D, D), finite", exception.Message.TrimEnd('.'), exception);
        }
    }
}
