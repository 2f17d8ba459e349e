namespace VaPi.Evaluation;

/// <summary>What a <see cref="FeatureCollection"/> gathers.</summary>
public sealed record FeatureCollectionOptions
{
    /// <summary>
    /// Whether every image's pooled features are kept, as precision and recall need: 4 D bytes an image, 400 MB for 50,000 of
    /// width 2048. True unless set.
    /// </summary>
    public bool KeepFeatures { get; init; } = true;

    /// <summary>The images of a split of the Inception Score, at least 1; 5000 unless set.</summary>
    public int ScoreSplit { get; init; } = InceptionScore.PublishedSplit;
}
