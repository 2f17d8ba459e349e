using TorchSharp;
using VaPi.Checkpoints;
using VaPi.Rewards;
using VaPi.Tests.Checkpoints.Support;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Rewards;

public class ImageRewardTests
{
    [Fact]
    public void Pixel_rewards_are_minus_the_loss_against_the_chunks_own_images()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor targets, Tensor samples) = Images();
        Tensor difference = samples - targets.narrow(0, 1, 2).repeat_interleave(3, 0);

        Expect.Close(-difference.square().mean([1, 2, 3]), Scored(Reward.MeanSquaredError(), targets, samples).Values, 1e-6);
        Expect.Close(-difference.abs().mean([1, 2, 3]), Scored(Reward.MeanAbsoluteError(), targets, samples).Values, 1e-6);
    }

    [Fact]
    public void Feature_distance_is_minus_the_distance_of_normalised_maps_and_the_targets_are_extracted_once()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor targets, Tensor samples) = Images();
        var extractor = new Extractor(images => [images * 2 + 1, nn.functional.avg_pool2d(images, 2)]);
        Tensor Distance(Func<Tensor, Tensor> layer)
        {
            Tensor Normalised(Tensor images) => nn.functional.normalize(layer(images), dim: 1);
            return (Normalised(samples) - Normalised(targets.narrow(0, 1, 2).repeat_interleave(3, 0))).square().sum([1]).mean([1, 2]);
        }

        using IRewardScorer scorer = Reward.FeatureDistance("own", extractor).Prepare(targets, new NoCondition(3));
        using RewardBatch scored = scorer.Score(Chunk(samples));
        using RewardBatch again = scorer.Score(Chunk(samples));

        Expect.Close(-(Distance(images => images * 2 + 1) + Distance(images => nn.functional.avg_pool2d(images, 2))), scored.Values, 1e-5);
        Expect.Identical(scored.Values, again.Values);
        Assert.Equal([3, 6, 6], extractor.Sizes);
        Assert.Equal(["own"], scored.Components.Keys);
    }

    [Fact]
    public void An_extractor_that_gives_no_maps_is_named()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor targets, _) = Images();

        var none = Assert.Throws<RewardException>(() => Reward.FeatureDistance("none", new Extractor(_ => [])).Prepare(targets, new NoCondition(3)));
        var flat = Assert.Throws<RewardException>(() => Reward.FeatureDistance("flat", new Extractor(images => [images.flatten(1)])).Prepare(targets, new NoCondition(3)));

        Assert.Equal(("none", "flat"), (none.RewardName, flat.RewardName));
    }

    [Fact]
    public void Without_originals_a_comparing_reward_says_what_to_do()
    {
        var exception = Assert.Throws<RewardException>(() => Reward.MeanSquaredError().Prepare(null, new NoCondition(1)));

        Assert.Contains("'mean squared error' cannot be used: it compares with the original images", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lpips_from_a_file_of_another_network_names_file_and_tensor()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("other.safetensors");
        using Tensor weight = zeros(64, 3, 5, 5);
        Checkpoint.Save(path, new Dictionary<string, Tensor> { ["features.0.weight"] = weight });

        var exception = Assert.Throws<CheckpointException>(() => Reward.Lpips(path, path));

        Assert.Contains("other.safetensors", exception.Message, StringComparison.Ordinal);
        Assert.Contains("'features.0.weight' is (64, 3, 5, 5) where (64, 3, 3, 3) is needed; 'features.0.bias' (64) is missing;", exception.Message, StringComparison.Ordinal);
        Assert.Contains("and 6 more", exception.Message, StringComparison.Ordinal);
    }

    // Three images; three samples each of the last two.
    private static (Tensor Targets, Tensor Samples) Images()
    {
        using var generator = new Generator(13, CPU);
        return (rand([3, 3, 4, 4], generator: generator), rand([6, 3, 4, 4], generator: generator));
    }

    private static RewardChunk Chunk(Tensor samples) => new(samples, zeros([6, 4], ScalarType.Int64), TokenLayout.Grid(2, 2), FirstImage: 1, ImageCount: 2);

    private static RewardBatch Scored(Reward reward, Tensor targets, Tensor samples)
    {
        using IRewardScorer scorer = reward.Prepare(targets, new NoCondition(3));
        return scorer.Score(Chunk(samples));
    }

    private sealed class Extractor(Func<Tensor, IReadOnlyList<Tensor>> extract) : IFeatureExtractor
    {
        public List<long> Sizes { get; } = [];

        public IReadOnlyList<Tensor> Extract(Tensor images)
        {
            Sizes.Add(images.shape[0]);
            return extract(images);
        }
    }
}
