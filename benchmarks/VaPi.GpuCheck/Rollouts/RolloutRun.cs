using TorchSharp;
using TorchSharp.Modules;
using VaPi.Alignment;
using VaPi.Benchmarks.Step;
using VaPi.Data;
using VaPi.GpuCheck.Machine;
using VaPi.Models.LlamaGen;
using VaPi.Native;
using VaPi.Rewards;
using static TorchSharp.torch;

namespace VaPi.GpuCheck.Rollouts;

/// <summary>Measures rollouts of random models, in one arrangement. Weights and images decide no time.</summary>
internal static class RolloutRun
{
    private const double PriorWeight = 0.1;

    // With no learning rate an update makes all its arithmetic and leaves the weights, so every rollout is of the same policy.
    private const double LearningRate = 0;

    public static RolloutMeasurement Measure(RolloutCase rollout, GpuCheckOptions options, Device device)
    {
        var memory = new PeakMemory(device);
        using DisposeScope scope = NewDisposeScope();
        random.manual_seed(1);
        TensorFloat32.IsAllowed = rollout.Precision == RolloutCase.BFloat16;
        using LlamaGenPolicy policy = Policy(rollout, device);
        using LlamaGenTokenizer tokenizer = LlamaGenTokenizer.Create(rollout.Size.Tokenizer, device: device);
        using Reward reward = Reward.MeanSquaredError() + RandomLpips.Create(device);
        ImageSize size = tokenizer.ImageSize;
        Tensor images = rand(rollout.Images, 3, size.Height, size.Width) * 2 - 1; // (B, 3, H, W)
        using var condition = new ClassCondition(Enumerable.Range(0, rollout.Images).Select(image => (long)(image % rollout.Size.Policy.Classes)));
        List<double> seconds = rollout.Arrangement == RolloutCase.Library
            ? OfLibrary(rollout, options.Rollouts, policy, tokenizer, reward, images, condition, device)
            : OfPublished(rollout, options.Rollouts, policy, tokenizer, reward, images, condition, device);
        return new RolloutMeasurement(
            seconds, memory.Bytes, RolloutOperations.Of(rollout), policy.NamedParameters().Sum(named => named.Parameter.numel()));
    }

    private static List<double> OfLibrary(
        RolloutCase rollout, int rollouts, LlamaGenPolicy policy, LlamaGenTokenizer tokenizer, Reward reward, Tensor images, ClassCondition condition, Device device)
    {
        using TensorImageSource source = ImageSource.FromTensors(images, condition);
        using AlignmentTrainer trainer = AlignmentTrainer.CreateBuilder()
            .WithTokenizer(tokenizer)
            .WithPolicy(policy)
            .WithReward(reward)
            .WithImages(source)
            .Configure(alignment =>
            {
                alignment.Rollouts = rollouts + 1;
                alignment.ImagesPerRollout = rollout.Images;
                alignment.GroupSize = rollout.GroupSize;
                alignment.Mode = AlignmentMode.Evaluation;
                alignment.PriorWeight = PriorWeight;
                alignment.LearningRate = LearningRate;
            })
            .Build();
        return Timed(rollouts, device, () => trainer.Step());
    }

    private static List<double> OfPublished(
        RolloutCase rollout, int rollouts, LlamaGenPolicy policy, LlamaGenTokenizer tokenizer, Reward reward, Tensor images, ClassCondition condition, Device device)
    {
        using var arrangement = new PublishedArrangement(
            policy, tokenizer, reward, new PublishedSettings { GroupSize = rollout.GroupSize, PriorWeight = PriorWeight });
        using var draws = new RolloutDraws(
            images.to(device),
            condition.To(device),
            randint(policy.VocabularySize, [rollout.Images, policy.TokenCount], ScalarType.Int64, device),
            randint(policy.VocabularySize, [rollout.Images, rollout.GroupSize, policy.TokenCount], ScalarType.Int64, device));
        return Timed(rollouts, device, () => arrangement.Step(draws, LearningRate));
    }

    // The first one asks for memory, and libraries choose their kernels in it.
    private static List<double> Timed(int rollouts, Device device, Action step)
    {
        step();
        return [.. Enumerable.Range(0, rollouts).Select(_ => Waiting.Seconds(device, step))];
    }

    // A policy that has learned nothing has a head of zeros, through which no gradient would reach the blocks.
    private static LlamaGenPolicy Policy(RolloutCase rollout, Device device)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        LlamaGenPolicy policy = LlamaGenPolicy.Create(
            rollout.Size.Policy, device: device, type: rollout.Precision == RolloutCase.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32);
        Parameter head = policy.NamedParameters().Last().Parameter;
        head.copy_(randn_like(head).mul_(0.05));
        return policy;
    }
}
