using static TorchSharp.torch;

namespace VaPi.Reporting;

/// <summary>A row of an image grid, such as samples of one policy with the seeds of the other rows.</summary>
public sealed class ImageRow
{
    /// <summary>A row of pictures that are encoded already.</summary>
    /// <param name="caption">What its images are.</param>
    /// <param name="images">At least one.</param>
    /// <exception cref="ArgumentException">There is no image.</exception>
    public ImageRow(string caption, IReadOnlyList<PngImage> images)
    {
        ArgumentNullException.ThrowIfNull(caption);
        ArgumentNullException.ThrowIfNull(images);
        if (images.Count == 0)
            throw new ArgumentException($"The row '{caption}' has no image; a row has at least one.", nameof(images));
        (Caption, Images) = (caption, images);
    }

    /// <summary>A row of a batch.</summary>
    /// <param name="caption">What its images are.</param>
    /// <param name="images">(N, 3, H, W), floating-point RGB in [-1, 1]. Stays the caller's.</param>
    /// <exception cref="ArgumentException">The images have another shape or type, or a value that is not finite.</exception>
    public ImageRow(string caption, Tensor images)
        : this(caption, PngImage.OfBatch(images))
    {
    }

    /// <summary>What its images are.</summary>
    public string Caption { get; }

    /// <summary>The pictures, one a column.</summary>
    public IReadOnlyList<PngImage> Images { get; }
}
