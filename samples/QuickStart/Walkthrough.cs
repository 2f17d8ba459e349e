using System.Diagnostics;
using QuickStart.Aligning;
using QuickStart.Measuring;
using QuickStart.Models;
using QuickStart.Photographs;
using QuickStart.Pictures;
using TorchSharp;
using VaPi;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Data;
using VaPi.Models.LlamaGen;
using VaPi.Rewards;
using static TorchSharp.torch;

namespace QuickStart;

/// <summary>The whole sample, top to bottom: measure, align, measure again, and show both.</summary>
internal static class Walkthrough
{
    private const int ColumnsPerClass = 3;

    public static async Task RunAsync(QuickStartOptions options, CancellationToken cancellationToken)
    {
        var clock = new StageClock();
        var recipe = new Recipe();
        Directory.CreateDirectory(options.Output);
        string At(string file) => Path.Combine(options.Output, file);

        // The photographs, cut so that training, alignment and evaluation share no pixel.
        ImageFolder folder = ImageFolder.Open(options.Images, SmallModels.ImageSize);
        int empty = Enumerable.Range(0, folder.Classes.Count).FirstOrDefault(label => !folder.Labels.Contains(label), -1);
        if (empty >= 0)
            throw new InvalidDataException($"The class folder '{folder.Classes[empty]}' in '{options.Images}' has no photographs. Put some in, or remove the folder.");
        using TileCrops alignmentCrops = TileCrops.Open(folder, PhotoRegion.Alignment, SmallModels.ImageSize);
        using TileCrops evaluationCrops = TileCrops.Open(folder, PhotoRegion.Evaluation, SmallModels.ImageSize);

        // The frozen tokenizer and feature network, and the policy that will be aligned.
        using LlamaGenTokenizer tokenizer = LlamaGenTokenizer.Load(Path.Combine(options.Models, SmallModels.TokenizerFile), SmallModels.Tokenizer);
        using FeatureNetwork features = FeatureNetwork.Load(Path.Combine(options.Models, SmallModels.FeaturesFile));
        using LlamaGenPolicy policy = LlamaGenPolicy.Load(Path.Combine(options.Models, SmallModels.PolicyFile), SmallModels.Policy(features.Classes));
        if (folder.Classes.Count > features.Classes)
        {
            throw new InvalidDataException(
                $"'{options.Images}' has {folder.Classes.Count} class folders, but the networks in '{options.Models}' know {features.Classes} classes. Use fewer folders, or train networks of your own with --train-base --models DIR.");
        }

        using Reward reward = Reward.MeanSquaredError() + Reward.FeatureDistance("features", features);
        using var evaluator = new Evaluator(evaluationCrops, tokenizer, features, reward, options.Seed);
        IReadOnlyList<long> shown = [.. Enumerable.Range(0, folder.Classes.Count * ColumnsPerClass).Select(column => (long)(column / ColumnsPerClass))];
        Tensor Samples() => evaluator.Sample(policy, shown, (ulong)options.Seed, cancellationToken);

        Console.WriteLine("Measuring the policy as it comes ...");
        Measurement before = evaluator.Measure(policy, cancellationToken);
        using LlamaGenPolicy control = policy.Clone();
        using Tensor imagesBefore = Samples();
        Console.WriteLine($"  {Text(before)}");
        clock.Lap("measureBefore");

        Console.WriteLine($"Aligning: {options.Rollouts} rollouts of {recipe.ImagesPerRollout} images with {recipe.GroupSize} samples each ...");
        IReadOnlyList<double> rewards = await AlignAsync(policy, tokenizer, reward, alignmentCrops, recipe, options, cancellationToken);
        policy.Save(At("policy.safetensors"));
        clock.Lap("align");

        Console.WriteLine("Measuring the aligned policy ...");
        Measurement after = evaluator.Measure(policy, cancellationToken);
        using Tensor imagesAfter = Samples();
        Console.WriteLine($"  {Text(after)}");
        clock.Lap("measureAfter");

        Console.WriteLine("Fine-tuning a control by cross-entropy alone, on as many images ...");
        CrossEntropyControl.Run(control, tokenizer, alignmentCrops, recipe, options.Rollouts, options.Seed, cancellationToken);
        Measurement controlled = evaluator.Measure(control, cancellationToken);
        Console.WriteLine($"  {Text(controlled)}");
        clock.Lap("control");

        WritePictures(At, folder, evaluationCrops, tokenizer, shown, imagesBefore, imagesAfter, rewards, options.Seed);
        new Summary
        {
            Seed = options.Seed,
            Rollouts = options.Rollouts,
            Recipe = recipe,
            RewardBefore = before.Reward,
            RewardAfter = after.Reward,
            FrechetBefore = before.Frechet,
            FrechetAfter = after.Frechet,
            RewardControl = controlled.Reward,
            FrechetControl = controlled.Frechet,
            Before = before,
            After = after,
            Control = controlled,
            PerceptualReward = "distance in the four layers of the sample's own small convolutional classifier of the photographs, frozen",
            FrechetFeatures = $"the same classifier's last layer, averaged over space ({FeatureNetwork.FeatureCount} features)",
            FrechetSamples = Evaluator.FreeRunningSamples,
            HeldOutCrops = Evaluator.HeldOutCrops,
            HeldOutGroupSize = Evaluator.GroupSize,
            HeldOutNoise = Evaluator.NoisyPrefix,
            SecondsByPhase = clock.Stages,
            Seconds = clock.Total,
            PeakMemoryMb = Process.GetCurrentProcess().PeakWorkingSet64 / 1e6,
        }.Write(At("summary.json"));
        Console.WriteLine($"Done in {clock.Total:F0} s. Look at {Path.GetFullPath(At("before-after.png"))}");
    }

    private static async Task<IReadOnlyList<double>> AlignAsync(
        LlamaGenPolicy policy, LlamaGenTokenizer tokenizer, Reward reward, TileCrops crops, Recipe recipe, QuickStartOptions options, CancellationToken cancellationToken)
    {
        using AlignmentTrainer trainer = AlignmentTrainer.CreateBuilder()
            .WithTokenizer(tokenizer)
            .WithPolicy(policy)
            .WithReward(reward)
            .WithImages(crops)
            .Configure(o =>
            {
                o.Rollouts = options.Rollouts;
                o.ImagesPerRollout = recipe.ImagesPerRollout;
                o.GroupSize = recipe.GroupSize;
                o.ContextNoise = recipe.ContextNoise;
                o.PriorWeight = recipe.PriorWeight;
                o.LearningRate = recipe.Schedule(options.Rollouts);
                o.SamplesPerDecode = 64;
                o.Seed = options.Seed;
            })
            .Build();
        var rewards = new List<double>();
        await foreach (AlignmentStep step in trainer.RunAsync(cancellationToken))
        {
            rewards.Add(step.Reward.Mean);
            if (step.Index % 10 == 0)
                Console.WriteLine($"  rollout {step.Index,4}: reward {step.Reward.Mean:F4}, prior {step.PriorLoss:F3}, entropy {step.Entropy:F3}, {step.ImagesPerSecond:F1} images/s");
        }

        return rewards;
    }

    private static void WritePictures(
        Func<string, string> at,
        ImageFolder folder,
        TileCrops crops,
        LlamaGenTokenizer tokenizer,
        IReadOnlyList<long> shown,
        Tensor before,
        Tensor after,
        IReadOnlyList<double> rewards,
        int seed)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using ImageBatch real = crops.ReadOfClasses(shown, seed);
        Tensor reconstruction = tokenizer.Decode(tokenizer.Encode(real.Images)).clamp_(-1, 1);
        ImageRows.Write(
            at("before-after.png"),
            $"VA-pi: free-running samples before and after alignment (same seeds, seed {seed})",
            [.. shown.Select(label => folder.Classes[(int)label])],
            [("real", real.Images), ("reconstruction", reconstruction), ("before", before), ("after", after)]);
        RewardCurve.Write(at("reward-curve.png"), rewards);
    }

    private static string Text(Measurement measured) =>
        $"held-out reward {measured.RewardClean:F4} (clean prefix), {measured.RewardNoisy:F4} (noisy prefix); Frechet distance {measured.Frechet:F2}";
}
