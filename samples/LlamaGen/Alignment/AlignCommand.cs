using System.Diagnostics;
using LlamaGen.CommandLine;
using LlamaGen.Memory;
using LlamaGen.Models;
using LlamaGen.Output;
using LlamaGen.Reporting;
using TorchSharp;
using VaPi;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Models.LlamaGen;
using VaPi.Models.LlamaGen.Costs;
using VaPi.Rewards;
using static System.FormattableString;
using static TorchSharp.torch;

namespace LlamaGen.Alignment;

/// <summary><c>align</c>: the published recipes.</summary>
internal static class AlignCommand
{
    public static Command Command { get; } = new(
        "align",
        "aligns a policy with pixels by a published recipe, and saves it",
        () => CommandHelp.OfCommand(
            "align",
            "Aligns a policy with images through its frozen tokenizer (VA-pi). The defaults are the published hyper-parameters. Before it starts it shows what memory and time it will need, and refuses what does not fit.",
            AlignOptions.Known,
            [
                ("policy.safetensors", "the aligned policy, unless --save names another file"),
                (RunFiles.StepsFile, "a line for each rollout: rewards, losses, seconds"),
                (RunFiles.RecipeFile, "all hyper-parameters"),
            ],
            "Ctrl-C stops after the rollout under way at the latest and saves the policy as it is then.",
            [
                ("--policy c2i_XXL_384.pt --tokenizer vq_ds16_c2i.pt --images imagenet/train --vgg vgg16.pth --lpips vgg.pth --save aligned.pt", "the published class-to-image recipe"),
                ("--random-weights tiny --images samples/QuickStart/Assets/photographs --reward mse --rollouts 5", "a try without files, within seconds"),
            ]),
        arguments =>
        {
            AlignOptions options = AlignOptions.Parse(arguments);
            return (report, cancellationToken) => Run(options, report, cancellationToken);
        });

    private static void Run(AlignOptions options, IReport report, CancellationToken cancellationToken)
    {
        Device device = options.Machine.Device();
        Recipe recipe = options.Recipe;
        TokenizerPlan tokenizerPlan = TokenizerPlan.Of(options.Models, recipe.ImageSize);
        PolicyPlan plan = PolicyPlan.Of(options.Models, tokenizerPlan, recipe.Captions);
        recipe = recipe with { ImageSize = tokenizerPlan.Configuration.ImageSize.Width };
        IImageSource images = AlignmentImages.Open(options, plan.Configuration, tokenizerPlan.Configuration.ImageSize);
        using var disposable = images as IDisposable;

        report.Line($"Recipe: {recipe.Name}, published for {recipe.PublishedFor}.");
        report.Line($"Policy: {plan}.");
        report.Line(Invariant($"Run: {Wording.Count(recipe.Rollouts, "rollout")} of {Wording.Count(recipe.ImagesPerRollout, "image")} ({tokenizerPlan.Configuration.ImageSize} pixels, {plan.Configuration.TokenCount} tokens) with {recipe.GroupSize} samples each, of {images.Count} images; reward {options.Reward}."));
        if (AlignmentImages.WarningOf(images, plan) is { } warning)
            report.Warn(warning);
        RewardNetwork network = RewardChoice.NetworkOf(options.Reward);
        RolloutCost CostOf(AlignmentOptions alignment) =>
            RolloutCost.Of(plan.Configuration, tokenizerPlan.Configuration, alignment, network, plan.Type, options.CheckpointActivations);
        RolloutCost cost = CostOf(recipe.ToOptions());
        MemoryCheck.Require("Aligning", WithCopyToSave(cost.Memory, plan, options), options.Machine, report);
        CostReport.Show(cost, report);
        string folder = OutputFolder.Make(options.Output);
        string policyFile = Path.GetFullPath(options.PolicyFile);
        OutputFolder.Make(Path.GetDirectoryName(policyFile)!);

        using LlamaGenTokenizer tokenizer = tokenizerPlan.Load(device);
        using LlamaGenPolicy policy = plan.Load(device);
        policy.CheckpointActivations = options.CheckpointActivations;
        using Reward reward = RewardChoice.Load(options, recipe, device);
        if (!options.SkipMeasurement)
        {
            CostReport.ShowTimeAtBest(cost, device, plan.Type, report);
            MeasureTime(() => StepTime.Measure(policy, tokenizer, reward, images, recipe, CostOf, cancellationToken), cost, recipe.Rollouts, report);
        }

        var steps = new List<AlignmentStep>();
        using (var files = new RunFiles(folder, recipe))
        {
            try
            {
                using AlignmentTrainer trainer = AlignmentTrainer.CreateBuilder()
                    .WithTokenizer(tokenizer)
                    .WithPolicy(policy)
                    .WithReward(reward)
                    .WithImages(images)
                    .WithOptions(recipe.ToOptions())
                    .Build();
                try
                {
                    report.Track($"Aligning: {Wording.Count(recipe.Rollouts, "rollout")}", recipe.Rollouts, advance =>
                    {
                        while (steps.Count < recipe.Rollouts)
                        {
                            AlignmentStep step = trainer.Step(cancellationToken);
                            steps.Add(step);
                            files.Add(step);
                            report.Line(Described(step, recipe));
                            advance(1);
                        }
                    });
                }
                finally
                {
                    // Stopped, failed or completed: a rollout that was not finished has left no trace in the policy.
                    if (HasLearned(steps))
                        Save(policy, trainer, plan, options);
                }

                if (!HasLearned(steps))
                    throw new InvalidOperationException(steps[^1].SkipReason);
            }
            catch (OperationCanceledException exception)
            {
                throw new StoppedException(
                    !HasLearned(steps)
                        ? "Stopped before a rollout has updated the policy; none was written."
                        : $"Stopped after {steps.Count} of {Wording.Count(recipe.Rollouts, "rollout")}. The policy as the last one left it: {policyFile}",
                    exception);
            }
            catch (InvalidOperationException exception) when (exception is not ObjectDisposedException)
            {
                // As of a gradient that is not finite; the message says what to change.
                throw new CommandException($"{exception.Message} {(HasLearned(steps) ? $"The policy before that rollout: {policyFile}" : "No policy was written.")}", exception);
            }
        }

        ShowPhases(steps, report);
        report.Line($"Aligned policy: {policyFile}");
        report.Line($"Rewards and losses: {Path.Combine(folder, RunFiles.StepsFile)}");
    }

    // Rollouts without an update leave the policy as it was.
    private static bool HasLearned(IEnumerable<AlignmentStep> steps) => steps.Any(step => step.GradientNorms.Count > 0);

    // What a policy in bfloat16 has learned at a small learning rate is mostly in the float32 weights of its trainer.
    private static bool SavesMoreThanPolicyHas(PolicyPlan plan, AlignOptions options) =>
        plan.Type == ScalarType.BFloat16 && options.StoredType != ScalarType.BFloat16;

    private static void Save(LlamaGenPolicy policy, AlignmentTrainer trainer, PolicyPlan plan, AlignOptions options)
    {
        using DisposeScope scope = NewDisposeScope();
        if (SavesMoreThanPolicyHas(plan, options))
            policy.Save(options.PolicyFile, trainer.CopyWeights(), options.StoredType);
        else
            policy.Save(options.PolicyFile, options.StoredType);
    }

    // Of a device's memory it takes nothing.
    private static MemoryEstimate WithCopyToSave(MemoryEstimate estimate, PolicyPlan plan, AlignOptions options)
    {
        long parameters = plan.Configuration.ParameterCount;
        return SavesMoreThanPolicyHas(plan, options) && options.Machine.Device().type == DeviceType.CPU
            ? estimate with { Phases = [.. estimate.Phases, new MemoryItem("copy of the weights to be saved", Invariant($"{sizeof(float)} B x {parameters:N0}"), sizeof(float) * parameters)] }
            : estimate;
    }

    private static void MeasureTime(Func<StepTime> measure, RolloutCost cost, int rollouts, IReport report)
    {
        StepTime time;
        try
        {
            time = measure();
        }
        catch (InvalidOperationException exception) when (exception is not ObjectDisposedException)
        {
            throw new CommandException($"The rollout that measures the time failed, so nothing was aligned. {exception.Message}", exception);
        }

        TimeSpan rollout = time.Of(cost);
        report.Line($"Measured: {time}.");
        report.Line($"Extrapolated from that, which took no part in the alignment: about {Wording.Of(rollout)} a rollout, {Wording.Of(rollout * rollouts)} for {Wording.Count(rollouts, "rollout")}.");
    }

    private static string Described(AlignmentStep step, Recipe recipe)
    {
        string parts = step.RewardComponents.Count < 2 ? "" : $" ({string.Join(", ", step.RewardComponents.Select(part => Invariant($"{part.Key} {part.Value.Mean:F4}")))})";
        string divergence = step.KlDivergence is double kl ? Invariant($", KL {kl:G3}") : "";
        return Invariant($"  rollout {step.Index}/{recipe.Rollouts}: reward {step.Reward.Mean:F4}{parts}, prior {step.PriorLoss:F3}{divergence}, gradient norm {step.GradientNorm:G3}, {step.Seconds.Total:F1} s");
    }

    private static void ShowPhases(List<AlignmentStep> steps, IReport report)
    {
        string Mean(Func<PhaseSeconds, double> phase) => Invariant($"{steps.Average(step => phase(step.Seconds)):F2}");
        report.Table(
            ["phase of a rollout", "seconds, mean"],
            [
                ["images", Mean(seconds => seconds.Data)],
                ["encode", Mean(seconds => seconds.Encode)],
                ["sample", Mean(seconds => seconds.Sample)],
                ["decode and score", Mean(seconds => seconds.Score)],
                ["train", Mean(seconds => seconds.Train)],
                ["update", Mean(seconds => seconds.Update)],
                ["whole rollout", Mean(seconds => seconds.Total)],
            ]);
        report.Line($"Largest memory of this process: {Amounts.OfBytes(Process.GetCurrentProcess().PeakWorkingSet64)}.");
    }
}
