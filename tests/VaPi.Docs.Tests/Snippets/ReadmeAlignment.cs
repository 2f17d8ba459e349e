#region readme
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Data;
using VaPi.Models.LlamaGen;
using VaPi.Rewards;
#endregion

namespace Documents;

/// <summary>Run by VaPi.Build.Tests, as a program of its own on the packed packages.</summary>
internal static class ReadmeAlignment
{
    public static async Task Run()
    {
        #region readme
        var shape = new LlamaGenConfiguration { Layers = 2, Heads = 4, Width = 64, VocabularySize = 256, GridSize = 8, Classes = 6, FeedForwardMultiple = 32 };
        using var policy = LlamaGenPolicy.Load("models/policy.safetensors", shape);
        using var tokenizer = LlamaGenTokenizer.Load("models/tokenizer.safetensors", imageSize: 32);
        using var reward = Reward.MeanSquaredError();
        var images = ImageFolder.Open("photographs", size: 32, new ImageFolderOptions { Crop = ImageCrop.Random(0.35, 0.8), FlipProbability = 0.5 });
        var options = new AlignmentOptions { Rollouts = 12, LearningRate = Schedule.Cosine(2e-3, 0, 12) };

        double before = HeldOutReward.Measure(policy, tokenizer, reward, images, options, imageCount: 48).Mean;
        using var trainer = AlignmentTrainer.CreateBuilder()
            .WithTokenizer(tokenizer)
            .WithPolicy(policy)
            .WithReward(reward)
            .WithImages(images)
            .WithOptions(options)
            .Build();
        await foreach (AlignmentStep step in trainer.RunAsync())
            Console.WriteLine($"{step.Index}: reward {step.Reward.Mean:F4}, prior {step.PriorLoss:F3}");

        double after = HeldOutReward.Measure(policy, tokenizer, reward, images, options, imageCount: 48).Mean;
        Console.WriteLine($"reward of the same 48 crops: {before:F4} before, {after:F4} after");
        policy.Save("aligned.safetensors");
        #endregion
    }
}
