using TorchSharp;
using VaPi.Checkpoints;
using VaPi.Rewards;
using static TorchSharp.torch;

namespace VaPi.Evaluation;

/// <summary>A distance between an image and its reconstruction that a reward knows already, such as LPIPS.</summary>
public sealed class ImageDistance : IDisposable
{
    private readonly Reward _reward;

    private ImageDistance(string name, Reward reward) => (Name, _reward) = (name, reward);

    /// <summary>What it is called in tables.</summary>
    public string Name { get; }

    /// <summary>LPIPS (VGG-16, version 0.1).</summary>
    /// <param name="vggPath">torchvision's VGG-16 weights.</param>
    /// <param name="headsPath">The linear heads, as published with LPIPS 0.1.</param>
    /// <param name="device">Where the network goes; the CPU if null.</param>
    /// <returns>Belongs to the caller.</returns>
    /// <exception cref="CheckpointException">A file cannot be read, or tensors are missing or misshapen; the message names them.</exception>
    public static ImageDistance Lpips(string vggPath, string headsPath, Device? device = null) => new("LPIPS", Reward.Lpips(vggPath, headsPath, device));

    /// <summary>Minus a reward that compares with originals, such as <see cref="Reward.FeatureDistance"/>.</summary>
    /// <param name="name">What to call it.</param>
    /// <param name="reward">Taken over.</param>
    /// <returns>Belongs to the caller.</returns>
    public static ImageDistance FromReward(string name, Reward reward)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(reward);
        return new ImageDistance(name, reward);
    }

    /// <summary>The distance of each pair of images.</summary>
    /// <param name="images">(N, 3, H, W), float32, in [-1, 1]. Stays the caller's.</param>
    /// <param name="others">(N, 3, H, W), float32. Stays the caller's.</param>
    /// <returns>(N), float32, lower is closer. Belongs to the caller.</returns>
    /// <exception cref="ArgumentException">The shapes differ.</exception>
    public Tensor Between(Tensor images, Tensor others)
    {
        ImagePairs.ThrowIfUnfit(images, others, -1, 1);
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        int count = (int)images.shape[0];
        Device device = _reward.Device ?? images.device;
        using var condition = new NoCondition(count);
        using IRewardScorer scorer = _reward.Prepare(images.to(device), condition);
        Tensor noTokens = zeros([count, 1], ScalarType.Int64, device);
        using RewardBatch scored = scorer.Score(new RewardChunk(others.to(device), noTokens, TokenLayout.Sequence(1), 0, count));
        return scored.Values.neg().MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => _reward.Dispose();
}
