#region readme-published
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Data;
using VaPi.Models.LlamaGen;
using VaPi.Rewards;
#endregion

namespace Documents;

/// <summary>Compiled, not run: its model files are not here.</summary>
internal static class ReadmePublished
{
    public static async Task Run()
    {
        #region readme-published
        using var tokenizer = LlamaGenTokenizer.Load("vq_ds16_c2i.pt", imageSize: 384);
        using var policy = LlamaGenPolicy.Load("c2i_XXL_384.pt", LlamaGenSize.XXL);
        using var reward = Reward.MeanSquaredError() + Reward.Lpips("vgg16.pth", "lpips_lin.pth");

        using var trainer = AlignmentTrainer.CreateBuilder()
            .WithTokenizer(tokenizer)
            .WithPolicy(policy)
            .WithReward(reward)
            .WithImages(ImageFolder.Open("imagenet/train", size: 384))
            .Configure(o => { o.GroupSize = 8; o.ContextNoise = 0.5; o.PriorWeight = 0.1; })
            .Build();

        await foreach (AlignmentStep step in trainer.RunAsync())
            Console.WriteLine($"{step.Index}: reward {step.Reward.Mean:F4}, prior {step.PriorLoss:F3}");

        policy.Save("aligned.safetensors");
        #endregion
    }
}
