#region check
using VaPi;
using VaPi.Conformance;

#endregion
#region align
using VaPi.Alignment;
using VaPi.Alignment.Surrogates;
using VaPi.Rewards;

#endregion
using static TorchSharp.torch;

namespace Documents;

internal static class OwnModels
{
    public static string Check(PatchTokenizer tokenizer, SmallTransformer policy, Tensor pictures)
    {
        #region check
        using var condition = new ClassCondition([0, 1]);
        ConformanceReport ofTokenizer = TokenizerCheck.Of(tokenizer, pictures);
        ConformanceReport ofPolicy = PolicyCheck.Of(policy, condition);
        Console.WriteLine(ofTokenizer);
        Console.WriteLine(ofPolicy);
        ofPolicy.ThrowIfBroken();
        #endregion
        return $"{ofTokenizer}\n{ofPolicy}".ReplaceLineEndings("\n");
    }

    public static async Task<(double Before, double After)> Align(PatchTokenizer tokenizer, SmallTransformer policy, IImageSource images)
    {
        #region align
        using Reward reward = Reward.MeanSquaredError();
        AlignmentTrainerBuilder Builder(double learningRate) => AlignmentTrainer.CreateBuilder()
            .WithTokenizer(tokenizer)
            .WithPolicy(policy)
            .WithReward(reward)
            .WithImages(images)
            .Configure(o => { o.Rollouts = 60; o.LearningRate = learningRate; o.PriorWeight = 1; });

        // A policy that knows nothing yet is trained first: by cross-entropy alone, with the same trainer.
        using (AlignmentTrainer training = Builder(0.01).WithSurrogate(new NoPolicyLoss()).Configure(o => { o.GroupSize = 1; o.ContextNoise = 0; }).Build())
            await training.AlignAsync();

        var measuring = new AlignmentOptions { GroupSize = 8 };
        double before = HeldOutReward.Measure(policy, tokenizer, reward, images, measuring, imageCount: 24).Mean;
        using (AlignmentTrainer aligning = Builder(0.003).Build())
            await aligning.AlignAsync();
        double after = HeldOutReward.Measure(policy, tokenizer, reward, images, measuring, imageCount: 24).Mean;
        Console.WriteLine($"reward {before:F4} before, {after:F4} after");
        #endregion
        return (before, after);
    }
}
