using System.Diagnostics;
using QuickStart.Aligning;
using QuickStart.BaseTraining;
using QuickStart.CommandLine;
using QuickStart.Measuring;
using QuickStart.Models;
using QuickStart.Output;
using QuickStart.Photographs;
using QuickStart.Pictures;
using QuickStart.Reporting;
using TorchSharp;
using VaPi;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Data;
using VaPi.Evaluation.Likelihood;
using VaPi.Models.LlamaGen;
using VaPi.Rewards;
using static TorchSharp.torch;

namespace QuickStart;

/// <summary>The whole sample, top to bottom: measure, align, measure again, and show both.</summary>
internal static class Walkthrough
{
    private const int ColumnsPerClass = 3;
    private const int MostClassesShown = 24;

    /// <param name="options">The program's arguments.</param>
    /// <param name="outcome">Told what the run has made, for when it is stopped.</param>
    /// <param name="report">Told how it goes.</param>
    /// <param name="cancellationToken">Stops the run; a policy that is partly aligned by then is saved.</param>
    /// <exception cref="IOException">A folder, a photograph or a file cannot be read or written.</exception>
    /// <exception cref="InvalidDataException">The photographs do not suit the networks.</exception>
    public static async Task RunAsync(QuickStartOptions options, RunOutcome outcome, IRunReport report, CancellationToken cancellationToken)
    {
        var recipe = new Recipe();
        ImageFolder folder = PhotographSet.Find(options.Images);
        using SmallNetworks? given = options.TrainBase ? null : SmallNetworks.Load(options.Models, folder.Classes.Count);
        using RunFolder output = RunFolder.Open(options.Output);

        // The photographs, cut so that training, alignment and evaluation share no pixel.
        var plan = new RunPlan(options, recipe, folder.Count);
        var progress = new RunProgress(plan.Phases, report);
        progress.Begin(plan.Read);
        if (options.HasForeignPhotographs)
            report.Warn("The sample's networks were trained on other photographs, so whatever trains the policy on these changes it much. --train-base first trains networks on yours.");
        using PhotographSet photographs = PhotographSet.Read(
            folder, options.TrainBase ? Enum.GetValues<PhotoRegion>() : [PhotoRegion.Alignment, PhotoRegion.Evaluation], report.Warn, progress.Advance, cancellationToken);
        output.Clear(); // from here on there are only files of this run

        // The frozen tokenizer and feature network, and the policy that will be aligned.
        if (options.TrainBase)
        {
            outcome.UnfinishedNetworks = Path.GetFullPath(options.Models);
            BaseModels.Train(options.Models, options.Seed, photographs, plan, progress, report, cancellationToken);
            outcome.UnfinishedNetworks = null;
        }

        using SmallNetworks networks = given ?? SmallNetworks.Load(options.Models, folder.Classes.Count);
        (LlamaGenTokenizer tokenizer, LlamaGenPolicy policy) = (networks.Tokenizer, networks.Policy);
        using Reward reward = Reward.MeanSquaredError() + Reward.FeatureDistance("features", networks.Features);

        progress.Begin(plan.MeasureBefore);
        using var evaluator = new Evaluator(photographs[PhotoRegion.Evaluation], tokenizer, networks.Features, reward, options.Seed, options.Samples);
        IReadOnlyList<string> classes = [.. folder.Classes.Take(MostClassesShown)];
        IReadOnlyList<long> shown = [.. Enumerable.Range(0, classes.Count * ColumnsPerClass).Select(column => (long)(column / ColumnsPerClass))];
        Tensor Samples(LlamaGenPolicy of) => evaluator.Sample(of, shown, (ulong)options.Seed, cancellationToken);
        Measurement Measure(string name, LlamaGenPolicy measured)
        {
            Measurement result = evaluator.Measure(measured, progress.Advance, cancellationToken);
            report.Note($"{name}: {result}");
            return result;
        }

        // For the report, on the crops that are measured on anyway.
        LikelihoodReport? Likelihoods(LlamaGenPolicy of) => options.Report
            ? HeldOutLikelihood.Measure(of, tokenizer, photographs[PhotoRegion.Evaluation], new() { Images = Evaluator.HeldOutCrops, Seed = options.Seed }, cancellationToken: cancellationToken)
            : null;

        Measurement before = Measure("before", policy);
        LikelihoodReport? likelihoodBefore = Likelihoods(policy);
        using LlamaGenPolicy control = policy.Clone();
        using Tensor imagesBefore = Samples(policy);

        progress.Begin(plan.Align);
        var steps = new List<AlignmentStep>();
        try
        {
            using AlignmentTrainer trainer = Trainer(policy, tokenizer, reward, photographs[PhotoRegion.Alignment], recipe, options);
            await foreach (AlignmentStep step in trainer.RunAsync(cancellationToken))
            {
                steps.Add(step);
                progress.Advance(step);
            }
        }
        finally
        {
            // Stopped or not: a rollout that was not finished has left no trace in the policy.
            if (steps.Count > 0)
            {
                policy.Save(output.At(RunFolder.Policy));
                (outcome.Policy, outcome.Rollouts) = (output.At(RunFolder.Policy), steps.Count);
            }
        }

        progress.Begin(plan.MeasureAfter);
        Measurement after = Measure("aligned", policy);
        LikelihoodReport? likelihoodAfter = Likelihoods(policy);
        using Tensor imagesAfter = Samples(policy);

        progress.Begin(plan.FineTuneControl);
        CrossEntropyControl.Run(
            control, tokenizer, photographs[PhotoRegion.Alignment], recipe, options.Rollouts, options.Seed, progress.Advance, cancellationToken);
        progress.Begin(plan.MeasureControl);
        Measurement controlled = Measure("control", control);
        using Tensor imagesControl = Samples(control);

        progress.Begin(plan.Draw);
        using (ImageBatch real = photographs[PhotoRegion.Evaluation].ReadOfClasses(shown, options.Seed))
        using (Tensor reconstruction = Reconstruct(tokenizer, real.Images))
        {
            SheetRow[] rows =
            [
                new("real", real.Images),
                new("reconstruction", reconstruction),
                new("before", imagesBefore),
                new("after", imagesAfter),
                new("control", imagesControl),
            ];
            output.Write(RunFolder.Picture, stream => ClassSheet.Write(stream, Title(options, folder, classes), classes, rows));
            if (likelihoodBefore is not null && likelihoodAfter is not null)
            {
                var page = new ReportPage
                {
                    Title = $"VA-pi: {Wording.Count(options.Rollouts, "rollout")} of alignment, seed {options.Seed}",
                    Before = before,
                    After = after,
                    Control = controlled,
                    Likelihood = likelihoodAfter.Since(likelihoodBefore),
                    Steps = steps,
                    Rows = rows,
                    Columns = [.. shown.Select(label => classes[(int)label])],
                    Options = Configured(new AlignmentOptions(), recipe, options),
                };
                output.Write(RunFolder.Report, page.Write);
            }
        }

        output.Write(RunFolder.Curve, stream => RewardCurve.Write(stream, [.. steps.Select(step => step.Reward.Mean)], recipe.ImagesPerRollout * recipe.GroupSize));
        progress.Advance(1);
        progress.EndPhase();
        var summary = new Summary
        {
            Seed = options.Seed,
            Rollouts = options.Rollouts,
            Recipe = recipe,
            Photographs = photographs.Count,
            PhotographsSkipped = photographs.Skipped,
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
            FrechetSamples = options.Samples,
            HeldOutCrops = Evaluator.HeldOutCrops,
            HeldOutGroupSize = Evaluator.GroupSize,
            HeldOutNoise = Evaluator.NoisyPrefix,
            SecondsByPhase = progress.SecondsByPhase,
            Seconds = progress.Elapsed.TotalSeconds,
            PeakMemoryMb = Process.GetCurrentProcess().PeakWorkingSet64 / 1e6,
        };
        output.Write(RunFolder.Summary, summary.Write);
        report.Completed(new RunResult(
            before,
            after,
            controlled,
            progress.Elapsed,
            [
                .. options.Report ? [("Open", output.At(RunFolder.Report))] : Array.Empty<(string, string)>(),
                ("Look at", output.At(RunFolder.Picture)),
                ("Rewards", output.At(RunFolder.Curve)),
                ("Aligned policy", output.At(RunFolder.Policy)),
                ("All numbers", output.At(RunFolder.Summary)),
            ]));
    }

    private static AlignmentTrainer Trainer(
        LlamaGenPolicy policy, LlamaGenTokenizer tokenizer, Reward reward, TileCrops crops, Recipe recipe, QuickStartOptions options) =>
        AlignmentTrainer.CreateBuilder()
            .WithTokenizer(tokenizer)
            .WithPolicy(policy)
            .WithReward(reward)
            .WithImages(crops)
            .Configure(o => Configured(o, recipe, options))
            .Build();

    private static AlignmentOptions Configured(AlignmentOptions o, Recipe recipe, QuickStartOptions options)
    {
        o.Rollouts = options.Rollouts;
        o.ImagesPerRollout = recipe.ImagesPerRollout;
        o.GroupSize = recipe.GroupSize;
        o.ContextNoise = recipe.ContextNoise;
        o.PriorWeight = recipe.PriorWeight;
        o.LearningRate = recipe.Schedule(options.Rollouts);
        o.SamplesPerDecode = 64;
        o.Seed = options.Seed;
        return o;
    }

    /// <returns>(N, 3, H, W); belongs to the caller.</returns>
    private static Tensor Reconstruct(LlamaGenTokenizer tokenizer, Tensor images)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        return tokenizer.Decode(tokenizer.Encode(images)).clamp_(-1, 1).MoveToOuterDisposeScope();
    }

    private static string Title(QuickStartOptions options, ImageFolder folder, IReadOnlyList<string> shown)
    {
        string part = shown.Count < folder.Classes.Count ? $" The first {shown.Count} of {folder.Classes.Count} classes." : "";
        return $"VA-pi: real crops, what the tokenizer makes of them, and samples before alignment, after {Wording.Count(options.Rollouts, "rollout")}, and of the control (cross-entropy alone). Samples of a column share random numbers; seed {options.Seed}.{part}";
    }
}
