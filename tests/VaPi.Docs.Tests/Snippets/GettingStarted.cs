#region getting-started
using VaPi;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Data;
using VaPi.Models.LlamaGen;
using VaPi.Rewards;
#endregion

namespace Documents;

/// <summary>Compiled, not run: its model files are not here.</summary>
internal static class GettingStarted
{
    public static async Task Run()
    {
        #region getting-started
        using LlamaGenTokenizer tokenizer = LlamaGenTokenizer.Load("vq_ds16_c2i.pt", imageSize: 384);
        using LlamaGenPolicy policy = LlamaGenPolicy.Load("c2i_XXL_384.pt", LlamaGenSize.XXL);
        using Reward reward = Reward.MeanSquaredError() + Reward.Lpips("vgg16.pth", "lpips_lin.pth");
        IImageSource images = ImageFolder.Open("imagenet/train", size: 384);
        IImageSource heldOut = ImageFolder.Open("imagenet/val", size: 384);
        var options = new AlignmentOptions { Rollouts = 100, GroupSize = 8, ContextNoise = 0.5, PriorWeight = 0.1, LearningRate = 1e-6 };

        RewardStatistics before = HeldOutReward.Measure(policy, tokenizer, reward, heldOut, options, imageCount: 256);
        using AlignmentTrainer trainer = AlignmentTrainer.CreateBuilder()
            .WithTokenizer(tokenizer)
            .WithPolicy(policy)
            .WithReward(reward)
            .WithImages(images)
            .WithOptions(options)
            .Build();
        await foreach (AlignmentStep step in trainer.RunAsync())
            Console.WriteLine($"{step.Index}: reward {step.Reward.Mean:F4}, spread within groups {step.Reward.GroupDeviation:F4}, entropy {step.Entropy:F3}");

        RewardStatistics after = HeldOutReward.Measure(policy, tokenizer, reward, heldOut, options, imageCount: 256);
        Console.WriteLine($"held-out reward {before.Mean:F4} -> {after.Mean:F4}");
        policy.Save("aligned.safetensors");
        #endregion
    }
}
