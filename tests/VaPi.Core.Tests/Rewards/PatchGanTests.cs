using TorchSharp;
using VaPi.Checkpoints;
using VaPi.Rewards;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Rewards;

public class PatchGanTests(DiscriminatorFiles files) : IClassFixture<DiscriminatorFiles>
{
    [Fact]
    public void The_reward_is_the_mean_logit_of_the_published_network()
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using PatchGanReward reward = Reward.PatchGan(files.Write());
        Tensor samples = Images(4, 40, 56);
        Tensor expected = files.Network.forward(samples); // (4, 1, 3, 5)

        using IRewardScorer scorer = reward.Prepare(null, new NoCondition(2));
        using RewardBatch scored = scorer.Score(new RewardChunk(samples, zeros([4, 1], ScalarType.Int64), TokenLayout.Sequence(1), 0, 2));

        Assert.Equal([4, 1, 3, 5], expected.shape);
        Expect.Close(expected, reward.Logits(samples), 1e-5);
        Expect.Close(expected.mean([1, 2, 3]), scored.Values, 1e-5);
        Assert.Equal(["patchgan"], scored.Components.Keys);
        Assert.Equal(RewardInputs.None, reward.Inputs);
    }

    [Fact]
    public void Localised_it_credits_tokens_with_their_patches_and_keeps_the_samples_rewards()
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using PatchGanReward whole = Reward.PatchGan(files.Write());
        Tensor samples = Images(4, 48, 48); // 4x4 patches
        using Reward localised = whole.Localised(neighbourhood: 0);

        using IRewardScorer scorer = localised.Prepare(null, new NoCondition(2));
        using RewardBatch scored = scorer.Score(new RewardChunk(samples, zeros([4, 4], ScalarType.Int64), TokenLayout.Grid(2, 2), 0, 2));

        Expect.Close(whole.Logits(samples).mean([1, 2, 3]), scored.Values, 1e-5);
        Expect.Close(nn.functional.avg_pool2d(whole.Logits(samples), 2).flatten(1) / 4, scored.PositionValues!, 1e-5);
    }

    [Theory]
    [InlineData("model.", ScalarType.Float32)]
    [InlineData("discriminator.", ScalarType.Float32)]
    [InlineData("", ScalarType.Float64)]
    public void Each_way_to_store_it_loads(string folder, ScalarType type)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        string path = files.Write(folder, tensors => tensors["model.encoder.conv_in.weight"] = zeros(2), type);
        Tensor images = Images(1, 32, 32);

        using PatchGanReward reward = Reward.PatchGan(path);

        Expect.Close(files.Network.forward(images), reward.Logits(images), 1e-5);
    }

    [Theory]
    [InlineData(24, 24, 1, 1)]
    [InlineData(31, 24, 1, 1)]
    [InlineData(24, 32, 1, 2)]
    public void The_smallest_images_have_one_patch(int height, int width, int rows, int columns)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using PatchGanReward reward = Reward.PatchGan(files.Write());

        Assert.Equal([1, 1, rows, columns], reward.Logits(Images(1, height, width)).shape);
    }

    [Theory]
    [InlineData(23, 64)]
    [InlineData(64, 23)]
    [InlineData(1, 1)]
    public void Smaller_images_are_refused_with_the_size_that_is_needed(int height, int width)
    {
        using DisposeScope scope = NewDisposeScope();
        using PatchGanReward reward = Reward.PatchGan(files.Write());
        using IRewardScorer scorer = reward.Prepare(null, new NoCondition(1));

        var exception = Assert.Throws<RewardException>(
            () => scorer.Score(new RewardChunk(zeros(1, 3, height, width), zeros([1, 1], ScalarType.Int64), TokenLayout.Sequence(1), 0, 1)));

        Assert.Contains($"the images are {height}x{width} pixels, and its discriminator needs at least 24x24", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_batch_of_images_is_refused()
    {
        using DisposeScope scope = NewDisposeScope();
        using PatchGanReward reward = Reward.PatchGan(files.Write());

        Assert.Throws<ArgumentNullException>(() => reward.Logits(null!));
        Assert.Contains("they are (3, 32, 32)", Assert.Throws<ArgumentException>(() => reward.Logits(zeros(3, 32, 32))).Message, StringComparison.Ordinal);
        Assert.Contains("they are (2, 1, 32, 32)", Assert.Throws<ArgumentException>(() => reward.Logits(zeros(2, 1, 32, 32))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_that_a_file_lacks_is_told_at_once_under_the_names_it_has()
    {
        string path = files.Write("discriminator.", tensors =>
        {
            tensors.Remove("discriminator.main.0.weight");
            tensors.Remove("discriminator.main.6.running_var");
            tensors["discriminator.main.11.weight"] = zeros(1, 512, 3, 3);
        });

        var exception = Assert.Throws<CheckpointException>(() => Reward.PatchGan(path));

        Assert.Equal(path, exception.Path);
        Assert.Equal(
            "'discriminator.main.0.weight' (64, 3, 4, 4) is missing; 'discriminator.main.6.running_var' (256) is missing; 'discriminator.main.11.weight' is (1, 512, 3, 3) where (1, 512, 4, 4) is needed",
            exception.Found);
    }

    [Fact]
    public void A_file_of_something_else_is_refused_by_the_published_names()
    {
        string path = files.Write(change: tensors =>
        {
            tensors.Clear();
            tensors["tok_embeddings.weight"] = zeros(2);
        });

        var exception = Assert.Throws<CheckpointException>(() => Reward.PatchGan(path));

        Assert.StartsWith("'main.0.weight' (64, 3, 4, 4) is missing; 'main.0.bias' (64) is missing;", exception.Found, StringComparison.Ordinal);
    }

    [Fact]
    public void What_counts_batches_is_not_needed()
    {
        string path = files.Write(change: tensors =>
        {
            foreach (int norm in new[] { 3, 6, 9 })
                Assert.True(tensors.Remove($"main.{norm}.num_batches_tracked"));
        });

        Reward.PatchGan(path).Dispose();
    }

    private static Tensor Images(int count, int height, int width)
    {
        using var generator = new Generator(17, CPU);
        return rand([count, 3, height, width], generator: generator).mul_(2).sub_(1);
    }
}
