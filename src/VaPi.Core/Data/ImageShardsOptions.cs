namespace VaPi.Data;

/// <summary>How <see cref="ImageShards"/> reads images and what goes with them. It takes a copy when it is opened.</summary>
public sealed class ImageShardsOptions : ImageSourceOptions
{
    /// <summary>The published defaults.</summary>
    public ImageShardsOptions() => RejectSmaller = true;

    /// <summary>What the images are conditioned on. Default: captions.</summary>
    public ShardCondition Condition { get; set; }

    /// <summary>
    /// A folder with caption features for images that have none in their shard, as <c>key.npy</c> or <c>key.safetensors</c>, the
    /// key being the image's name in the shard up to the first dot. Default: null, all features are in the shards.
    /// </summary>
    public string? Features { get; set; }

    /// <inheritdoc cref="CaptionedImagesOptions.Places"/>
    public int Places { get; set; } = 120;

    /// <inheritdoc cref="CaptionedImagesOptions.ShortFeatures"/>
    public string? ShortFeatures { get; set; }

    /// <inheritdoc cref="CaptionedImagesOptions.ShortCaptionProbability"/>
    public double ShortCaptionProbability { get; set; } = 0.3;

    internal ImageShardsOptions Copy() => (ImageShardsOptions)MemberwiseClone();

    private protected override void Check(List<string> problems)
    {
        base.Check(problems);
        if (!Enum.IsDefined(Condition))
            problems.Add($"{nameof(Condition)} is {Condition}; it must be {string.Join(", ", Enum.GetNames<ShardCondition>())}.");
        CaptionedImagesOptions.CheckCaptions(problems, Places, ShortCaptionProbability);
    }
}
