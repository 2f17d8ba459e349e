using TorchSharp;
using VaPi.Evaluation.Features;
using static TorchSharp.torch;

namespace VaPi.Evaluation;

/// <summary>
/// How well images fit their captions: the cosine between the embedding of an image and that of its caption, by two encoders that
/// were trained to agree, such as CLIP's. Gathers batch by batch, in float64. The published CLIP score is 100 times <see cref="Value"/>.
/// </summary>
public sealed class TextImageScore
{
    private readonly IFeatureNetwork _images;
    private readonly IFeatureNetwork _texts;
    private double _sum;

    /// <summary>Nothing gathered yet.</summary>
    /// <param name="images">Embeds images, (N, 3, H, W) in [-1, 1] to (N, D). Stays the caller's.</param>
    /// <param name="texts">
    /// Embeds captions, of whatever form it takes, to (N, D): a <see cref="TorchScriptNetwork"/> of a text encoder takes the tokens of
    /// its tokenizer, (N, L), int64. Stays the caller's.
    /// </param>
    public TextImageScore(IFeatureNetwork images, IFeatureNetwork texts)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(texts);
        (_images, _texts) = (images, texts);
    }

    /// <summary>The pairs so far.</summary>
    public long Count { get; private set; }

    /// <summary>The mean of max(0, cosine) over the pairs: 0 … 1, higher is better. NaN without pairs.</summary>
    public double Value => Count == 0 ? double.NaN : _sum / Count;

    /// <summary>Adds images with their captions.</summary>
    /// <param name="images">(N, 3, H, W), floating-point, in [-1, 1]. Stays the caller's.</param>
    /// <param name="texts">N captions, in the form that the encoder takes. Stays the caller's.</param>
    /// <exception cref="ArgumentException">The numbers or the widths of the embeddings differ, or one is not finite.</exception>
    public void Add(Tensor images, Tensor texts)
    {
        using Tensor cosines = Between(images, texts);
        using Tensor shown = cosines.clamp(min: 0);
        using Tensor sum = shown.sum();
        _sum += sum.item<double>();
        Count += cosines.shape[0];
    }

    /// <summary>The cosine of each pair; nothing is gathered.</summary>
    /// <param name="images">As of <see cref="Add"/>.</param>
    /// <param name="texts">As of <see cref="Add"/>.</param>
    /// <returns>(N), float64, on the CPU: -1 … 1; 0 where an embedding is all zero. Belongs to the caller.</returns>
    /// <exception cref="ArgumentException">As of <see cref="Add"/>.</exception>
    public Tensor Between(Tensor images, Tensor texts)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(texts);
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using ImageFeatures ofImages = _images.Extract(images);
        using ImageFeatures ofTexts = _texts.Extract(texts);
        (Tensor left, Tensor right) = (Wide(ofImages.Pooled), Wide(ofTexts.Pooled)); // (N, D)
        if (!left.shape.SequenceEqual(right.shape))
        {
            throw new ArgumentException(
                $"'{_images.Name}' gave embeddings ({string.Join(", ", left.shape)}) and '{_texts.Name}' ({string.Join(", ", right.shape)}); they must be as many and as wide. Give one caption an image, and two encoders that were trained together.");
        }

        Tensor cosines = (nn.functional.normalize(left, dim: 1) * nn.functional.normalize(right, dim: 1)).sum([1]); // (N)
        return cosines.isfinite().all().item<bool>()
            ? cosines.MoveToOuterDisposeScope()
            : throw new ArgumentException($"Embeddings must be finite; some of '{_images.Name}' or '{_texts.Name}' are NaN or infinite.");
    }

    private static Tensor Wide(Tensor embeddings) => embeddings.detach().to(ScalarType.Float64, CPU);
}
