using TorchSharp;
using VaPi.Compute;
using VaPi.Shared;
using static TorchSharp.torch;

namespace VaPi.Rewards;

/// <summary>
/// The mean logit of a PatchGAN discriminator: how real it takes the patches of a sample for. Made by <see cref="Reward.PatchGan"/>.
/// </summary>
public sealed class PatchGanReward : Reward, ILocalReward
{
    private readonly List<(Tensor Weight, Tensor Bias)> _convolutions = [];

    internal PatchGanReward(string path, Device device)
    {
        Dictionary<string, Tensor> tensors = FrozenNetwork.Read(
            path, [.. PatchDiscriminator.Layers.SelectMany(Tensors)], "Give a checkpoint of PatchGAN's discriminator", device, "model.", "discriminator.");
        try
        {
            foreach (PatchDiscriminator.Layer layer in PatchDiscriminator.Layers)
                _convolutions.Add(Convolution(layer, name => tensors[name]));
        }
        catch
        {
            Dispose();
            throw;
        }
        finally
        {
            foreach (Tensor tensor in tensors.Values)
                tensor.Dispose();
        }
    }

    /// <inheritdoc/>
    public override string Name => "patchgan";

    /// <inheritdoc/>
    public override Device? Device => _convolutions[0].Weight.device;

    /// <inheritdoc/>
    public override RewardInputs Inputs => RewardInputs.None;

    /// <inheritdoc/>
    public override bool IsDifferentiable => true;

    /// <summary>What the discriminator says of every patch, of 70x70 pixels around each position: above 0 for real, below for not.</summary>
    /// <param name="images">(N, 3, H, W), float32, RGB in [-1, 1], possibly beyond; H and W at least 24. Stays the caller's.</param>
    /// <returns>(N, 1, H / 8 - 2, W / 8 - 2), rounded down, float32. Belongs to the caller.</returns>
    /// <exception cref="ArgumentException">The shape is not (N, 3, H, W).</exception>
    /// <exception cref="RewardException">The images are too small.</exception>
    public Tensor Logits(Tensor images)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.dim() != 4 || images.shape[1] != 3)
            throw new ArgumentException($"Images must be (N, 3, H, W); they are ({string.Join(", ", images.shape)}).", nameof(images));
        if (images.shape[2] < PatchDiscriminator.SmallestSide || images.shape[3] < PatchDiscriminator.SmallestSide)
        {
            throw new RewardException(
                Name, $"the images are {images.shape[2]}x{images.shape[3]} pixels, and its discriminator needs at least {PatchDiscriminator.SmallestSide}x{PatchDiscriminator.SmallestSide}. Use larger images, or another reward.");
        }

        return PatchDiscriminator.Logits(images, _convolutions);
    }

    /// <inheritdoc/>
    public override IRewardScorer Prepare(Tensor? targets, Condition condition) => new Scorer(this);

    /// <inheritdoc/>
    public ILocalRewardScorer PrepareLocal(Tensor? targets, Condition condition) => new Scorer(this);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach ((Tensor weight, Tensor bias) in _convolutions)
            {
                weight.Dispose();
                bias.Dispose();
            }
        }

        base.Dispose(disposing);
    }

    private static IEnumerable<(string Name, long[] Shape)> Tensors(PatchDiscriminator.Layer layer)
    {
        yield return ($"main.{layer.Convolution}.weight", [layer.To, layer.From, PatchDiscriminator.Kernel, PatchDiscriminator.Kernel]);
        if (layer.Norm is not { } norm)
        {
            yield return ($"main.{layer.Convolution}.bias", [layer.To]);
            yield break;
        }

        foreach (string part in new[] { "weight", "bias", "running_mean", "running_var" })
            yield return ($"main.{norm}.{part}", [layer.To]);
    }

    private static (Tensor Weight, Tensor Bias) Convolution(PatchDiscriminator.Layer layer, Func<string, Tensor> tensor)
    {
        Tensor weight = tensor($"main.{layer.Convolution}.weight");
        (Tensor folded, Tensor bias) = layer.Norm is { } norm
            ? PatchDiscriminator.Folded(weight, tensor($"main.{norm}.weight"), tensor($"main.{norm}.bias"), tensor($"main.{norm}.running_mean"), tensor($"main.{norm}.running_var"))
            : (weight.alias(), tensor($"main.{layer.Convolution}.bias").alias());
        return (folded.DetachFromDisposeScope(), bias.DetachFromDisposeScope());
    }

    private sealed class Scorer(PatchGanReward reward) : IRewardScorer, ILocalRewardScorer
    {
        public RewardBatch Score(RewardChunk chunk)
        {
            using DisposeScope scope = NewDisposeScope();
            return SingleComponent.Batch(reward.Name, reward.Logits(chunk.Samples).mean([1, 2, 3]));
        }

        RewardMaps ILocalRewardScorer.Score(RewardChunk chunk)
        {
            using DisposeScope scope = NewDisposeScope();
            return new RewardMaps(reward.Logits(chunk.Samples).squeeze(1));
        }

        public void Dispose()
        {
        }
    }
}
