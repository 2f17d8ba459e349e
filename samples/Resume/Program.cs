// A run that outlives its process. It is kept in a folder; started again with the same folder, it goes on from its last checkpoint and
// ends with the very numbers that it would have had without the crash. From the repository's root, in some seconds each:
//   dotnet run -c Release --project samples/Resume -- my-run 7      ends itself after rollout 7, without any goodbye
//   dotnet run -c Release --project samples/Resume -- my-run        goes on
using System.Diagnostics;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Data;
using VaPi.Models.LlamaGen;
using VaPi.Rewards;

if (args.Length is 0 or > 2)
{
    Console.Error.WriteLine("Give a folder for the run and, to see it crash, the rollout after which it is to.");
    return 64;
}

string folder = args[0];
int crashAfter = args is [_, string rollout] ? int.Parse(rollout) : -1;
string Here(string name) => Path.Combine(AppContext.BaseDirectory, name);

// What a run is built from must be the same each time, the starting policy included.
using LlamaGenTokenizer tokenizer = LlamaGenTokenizer.Load(Here("models/tokenizer.safetensors"), imageSize: 32);
using LlamaGenPolicy policy = LlamaGenPolicy.Load(
    Here("models/policy.safetensors"),
    new LlamaGenConfiguration { Layers = 2, Heads = 4, Width = 64, VocabularySize = 256, GridSize = 8, Classes = 6, FeedForwardMultiple = 32 });
using Reward reward = Reward.MeanSquaredError();
ImageFolder images = ImageFolder.Open(Here("photographs"), size: 32, new ImageFolderOptions { Crop = ImageCrop.Random(0.35, 0.8), FlipProbability = 0.5 });

using AlignmentTrainer trainer = AlignmentTrainer.CreateBuilder()
    .WithTokenizer(tokenizer)
    .WithPolicy(policy)
    .WithReward(reward)
    .WithImages(images)
    .WithOptions(new AlignmentOptions { Rollouts = 10, ImagesPerRollout = 4, LearningRate = Schedule.Cosine(2e-3, 0, 10) })
    .WithRunFolder(folder, run => run.CheckpointEvery = 3)
    .Build();

Console.WriteLine(trainer.StepsDone == 0 ? "a new run" : $"going on after rollout {trainer.StepsDone}");
await foreach (AlignmentStep step in trainer.RunAsync())
{
    Console.WriteLine($"rollout {step.Index,2}: reward {step.Reward.Mean:F4}");
    if (step.Index == crashAfter)
    {
        using var self = Process.GetCurrentProcess();
        self.Kill(); // nothing is written or disposed after this
    }
}

string aligned = Path.Combine(folder, "aligned.safetensors");
policy.Save(aligned);
Console.WriteLine($"saved {aligned}");
return 0;
