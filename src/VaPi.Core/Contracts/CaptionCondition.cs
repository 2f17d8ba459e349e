using TorchSharp;
using static TorchSharp.torch;

namespace VaPi;

/// <summary>
/// Captions as features of a text encoder, one caption an image, each at the right end of the same number of places
/// (padded on the left). How a missing caption looks is the policy's to know: an image without one keeps its caption's mask.
/// </summary>
public sealed class CaptionCondition : Condition
{
    private readonly bool[] _dropped;

    /// <summary>Takes over features and mask.</summary>
    /// <param name="features">(B, C, W), floating-point: W features at each of C places; where the mask is false any finite numbers do.</param>
    /// <param name="mask">(B, C), bool: which places hold a part of the caption.</param>
    /// <exception cref="ArgumentException">The shapes or types do not fit.</exception>
    public CaptionCondition(Tensor features, Tensor mask)
        : this(Checked(features, mask), mask, new bool[features.shape[0]])
    {
    }

    private CaptionCondition(Tensor features, Tensor mask, bool[] dropped)
    {
        Features = features.DetachFromDisposeScope();
        Mask = mask.DetachFromDisposeScope();
        _dropped = dropped;
    }

    /// <summary>(B, C, W), floating-point. Owned by the condition.</summary>
    public Tensor Features { get; }

    /// <summary>(B, C), bool: which places hold a part of the caption. Owned by the condition.</summary>
    public Tensor Mask { get; }

    /// <summary>For each image, whether it goes without its caption.</summary>
    public IReadOnlyList<bool> Dropped => _dropped;

    /// <summary>C, the places of a caption.</summary>
    public int Places => (int)Features.shape[1];

    /// <summary>W, the features of a place.</summary>
    public int Width => (int)Features.shape[2];

    /// <inheritdoc/>
    public override int Count => _dropped.Length;

    /// <summary>Captions of any length, brought to the same number of places: the first ones of each, at the right end.</summary>
    /// <param name="captions">(n, W) each, floating-point, with n ≥ 0 places of its own. Stay the caller's.</param>
    /// <param name="places">C; 120 in the published models.</param>
    /// <returns>A condition on the CPU, in float32.</returns>
    /// <exception cref="ArgumentException">There is no caption, or their widths differ.</exception>
    public static CaptionCondition FromCaptions(IReadOnlyList<Tensor> captions, int places = 120)
    {
        ArgumentNullException.ThrowIfNull(captions);
        ArgumentOutOfRangeException.ThrowIfLessThan(places, 1);
        if (captions.Count == 0)
            throw new ArgumentException("There is no caption; a condition is of at least one image.", nameof(captions));
        if (captions.FirstOrDefault(caption => caption.dim() != 2 || caption.shape[1] != captions[0].shape[^1] || !caption.is_floating_point()) is { } wrong)
        {
            throw new ArgumentException(
                $"A caption's features are {wrong.dtype} ({string.Join(", ", wrong.shape)}); they must be floating-point (n, {(captions[0].dim() == 2 ? captions[0].shape[1] : "W")}), one row for each part of the caption.", nameof(captions));
        }

        using DisposeScope scope = NewDisposeScope();
        Tensor features = zeros([captions.Count, places, captions[0].shape[1]], ScalarType.Float32, CPU);
        bool[] mask = new bool[captions.Count * places];
        for (int image = 0; image < captions.Count; image++)
        {
            int length = (int)Math.Min(places, captions[image].shape[0]);
            if (length == 0)
                continue;
            features[image].narrow(0, places - length, length).copy_(captions[image].narrow(0, 0, length));
            mask.AsSpan((image + 1) * places - length, length).Fill(true);
        }

        return new CaptionCondition(features, tensor(mask, [captions.Count, places], device: CPU));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">An index is not that of an image.</exception>
    public override Condition Select(IReadOnlyList<int> indices)
    {
        ArgumentNullException.ThrowIfNull(indices);
        foreach (int index in indices)
        {
            if ((uint)index >= (uint)Count)
                throw new ArgumentOutOfRangeException(nameof(indices), index, $"There is no such image; indices are from 0 to {Count - 1}.");
        }

        using DisposeScope scope = NewDisposeScope();
        Tensor rows = Upload.Move(tensor(indices.Select(index => (long)index).ToArray(), dtype: ScalarType.Int64, device: CPU), Features.device);
        return new CaptionCondition(Features.index_select(0, rows), Mask.index_select(0, rows), [.. indices.Select(index => _dropped[index])]);
    }

    /// <inheritdoc/>
    public override Condition Concat(Condition other)
    {
        if (other is not CaptionCondition captions)
            throw new ArgumentException($"Captions cannot be joined with a {other?.GetType().Name}.", nameof(other));
        if (captions.Places != Places || captions.Width != Width)
        {
            throw new ArgumentException(
                $"Captions of {Places} places with {Width} features cannot be joined with captions of {captions.Places} places with {captions.Width} features.", nameof(other));
        }

        return new CaptionCondition(cat([Features, captions.Features]), cat([Mask, captions.Mask]), [.. _dropped, .. captions._dropped]);
    }

    /// <inheritdoc/>
    public override Condition To(Device device) =>
        new CaptionCondition(Upload.Copy(Features, device), Upload.Copy(Mask, device), _dropped);

    /// <summary>As many images without their captions; the masks stay, as in the published guidance.</summary>
    public override Condition Unconditional() =>
        new CaptionCondition(Features.clone(), Mask.clone(), [.. _dropped.Select(_ => true)]);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Features.Dispose();
            Mask.Dispose();
        }

        base.Dispose(disposing);
    }

    private static Tensor Checked(Tensor features, Tensor mask)
    {
        ArgumentNullException.ThrowIfNull(features);
        ArgumentNullException.ThrowIfNull(mask);
        if (features.dim() != 3 || !features.is_floating_point())
            throw new ArgumentException($"The features are {features.dtype} ({string.Join(", ", features.shape)}); they must be floating-point (B, C, W).", nameof(features));
        if (mask.dtype != ScalarType.Bool || !mask.shape.SequenceEqual(features.shape.Take(2)))
        {
            throw new ArgumentException(
                $"The mask is {mask.dtype} ({string.Join(", ", mask.shape)}); it must be Bool ({features.shape[0]}, {features.shape[1]}), one value for each place of the features.", nameof(mask));
        }

        return features;
    }
}
