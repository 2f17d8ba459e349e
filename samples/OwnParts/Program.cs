// Parts of your own. A reward beside a built-in one: samples are to be close to their image, and as rich in contrast as it. An
// advantage: ranks in place of deviations. A surrogate: a penalty in place of clipping. From the repository's root, in some 20 seconds:
//   dotnet run -c Release --project samples/OwnParts
using OwnParts;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Data;
using VaPi.Models.LlamaGen;
using VaPi.Rewards;

string Here(string name) => Path.Combine(AppContext.BaseDirectory, name);

using LlamaGenTokenizer tokenizer = LlamaGenTokenizer.Load(Here("models/tokenizer.safetensors"), imageSize: 32);
using LlamaGenPolicy policy = LlamaGenPolicy.Load(
    Here("models/policy.safetensors"),
    new LlamaGenConfiguration { Layers = 2, Heads = 4, Width = 64, VocabularySize = 256, GridSize = 8, Classes = 6, FeedForwardMultiple = 32 });
ImageFolder images = ImageFolder.Open(Here("photographs"), size: 32, new ImageFolderOptions { Crop = ImageCrop.Random(0.35, 0.8), FlipProbability = 0.5 });

// What a part has to say grows with its weight and with how much it differs between the samples of a group.
using Reward reward = Reward.MeanSquaredError() + 0.5 * new SameContrast();

int rollouts = args is [string number] ? int.Parse(number) : 12;
var options = new AlignmentOptions
{
    Rollouts = rollouts,
    PassesPerRollout = 2, // with one, the ratio that a surrogate is about stays at 1
    LearningRate = Schedule.Cosine(2e-3, 0, rollouts),
};

// The same crops, noise and random numbers each time.
RewardStatistics Measured() => HeldOutReward.Measure(policy, tokenizer, reward, images, options, imageCount: 48);
RewardStatistics before = Measured();

using AlignmentTrainer trainer = AlignmentTrainer.CreateBuilder()
    .WithTokenizer(tokenizer)
    .WithPolicy(policy)
    .WithReward(reward)
    .WithAdvantage(new RankAdvantage())
    .WithSurrogate(new PenalisedRatio(weight: 0.1))
    .WithImages(images)
    .WithOptions(options)
    .Build();
await foreach (AlignmentStep step in trainer.RunAsync())
{
    string parts = string.Join(", ", step.RewardComponents.Select(part => $"{part.Key} {part.Value.Mean:F4}"));
    Console.WriteLine($"rollout {step.Index,2}: reward {step.Reward.Mean:F4} ({parts})");
}

Console.WriteLine($"reward of the same 48 crops: {before.Mean:F4} before, {Measured().Mean:F4} after");
