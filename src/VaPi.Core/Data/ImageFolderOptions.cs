namespace VaPi.Data;

/// <summary>How an <see cref="ImageFolder"/> reads its images. It takes a copy when it is opened.</summary>
public sealed class ImageFolderOptions : ImageSourceOptions
{
    /// <summary>
    /// Whether the images have no classes: those in the folder and in all folders under it are taken, and their
    /// condition is <see cref="NoCondition"/>. Default: false, each sub-folder is a class.
    /// </summary>
    public bool Unlabelled { get; set; }

    internal ImageFolderOptions Copy() => (ImageFolderOptions)MemberwiseClone();
}
