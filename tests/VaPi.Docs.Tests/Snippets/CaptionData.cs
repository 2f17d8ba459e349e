using VaPi.Data;

namespace Documents;

/// <summary>What docs/data.md shows of captions and shards.</summary>
internal static class CaptionData
{
    public static CaptionedImages Lists()
    {
        #region captioned images
        CaptionedImages images = CaptionedImages.Open("lists", size: 256, features: "features", new CaptionedImagesOptions
        {
            ImageRoot = "images",
            ShortFeatures = "short-features",
        });
        #endregion
        return images;
    }

    public static ImageShards Shards()
    {
        #region shards
        ImageShards images = ImageShards.Open("shards/train-*.tar", size: 384, new ImageShardsOptions
        {
            Features = "features",
        });
        #endregion
        return images;
    }
}
