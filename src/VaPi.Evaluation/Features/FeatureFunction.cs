using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Evaluation.Features;

/// <summary>Any function of images as a feature network.</summary>
public sealed class FeatureFunction : IFeatureNetwork
{
    private readonly Func<Tensor, Tensor> _features;
    private readonly Func<Tensor, Tensor>? _probabilities;

    /// <summary>Wraps functions. They are called without gradients, and what they make besides their result is disposed.</summary>
    /// <param name="name">What to call it in tables.</param>
    /// <param name="features">(N, 3, H, W) in [-1, 1] to (N, D).</param>
    /// <param name="probabilities">(N, 3, H, W) in [-1, 1] to (N, C), rows that sum to 1; null if there is no Inception Score to take.</param>
    public FeatureFunction(string name, Func<Tensor, Tensor> features, Func<Tensor, Tensor>? probabilities = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(features);
        (Name, _features, _probabilities) = (name, features, probabilities);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public ImageFeatures Extract(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();

        // A function may give the images themselves, or a tensor that it keeps.
        return new ImageFeatures(_features(images).alias(), probabilities: _probabilities?.Invoke(images).alias());
    }
}
