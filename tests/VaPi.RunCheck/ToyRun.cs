using System.Globalization;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Alignment.Schedules;
using VaPi.Alignment.Stopping;
using VaPi.Rewards;
using VaPi.Tests.Toys;
using static TorchSharp.torch;

namespace VaPi.RunCheck;

/// <summary>
/// A run that has something of everything that must be resumed: dropout, several updates a rollout, moments, a reference policy, a
/// steered schedule, early stopping that puts the best parameters back, images read ahead of which some cannot be read, and rewards
/// that are not finite now and then.
/// </summary>
internal static class ToyRun
{
    /// <summary>Milliseconds that are waited before each file of a checkpoint is written.</summary>
    public const string DelayVariable = "VAPI_RUNCHECK_WRITE_DELAY";

    /// <summary>What the program prints when a trainer is built, before a file is written, and after a step.</summary>
    public const string Ready = "ready";

    public const string Writing = "writing";

    public const string Stepped = "step";

    private const int Images = 40;

    public static int Align(string folder, int rollouts, int every)
    {
        using var world = new ToyWorld(dropout: 0.1, images: Images);
        using AlignmentTrainer trainer = Builder(world, rollouts)
            .WithRunFolder(folder, run =>
            {
                run.CheckpointEvery = every;
                run.Writing = Announce;
            })
            .Build();
        Say($"{Ready} {trainer.StepsDone}");
        AlignAsync(trainer).GetAwaiter().GetResult();
        return 0;
    }

    public static AlignmentTrainerBuilder Builder(ToyWorld world, int rollouts)
    {
        // Read as if from files, and of 40 images 3 cannot be.
        var images = new ToyImages(world.Images, null, 4, 17, 31);
        using ImageBatch unlucky = world.Images.Read([new ImageDraw(8, 0)]);
        float[] pixels = unlucky.Images.data<float>().ToArray();
        return world.Builder(options =>
            {
                options.Rollouts = rollouts;
                options.GroupSize = 3;
                options.ImagesPerMinibatch = 1;
                options.MinibatchesPerUpdate = 2;
                options.KlWeight = 0.1;
                options.ContextNoise = Schedule.Linear(0.6, 0.2, 100);
                options.LearningRate = Schedule.Constant(2e-3).SteeredBy(Signal.Entropy, target: 1.5, gain: -0.05);
                options.MaximumUnreadableShare = 0.2;
                options.SamplesPerDecode = 6;
            })
            .WithImages(images)
            .WithReward(new ToyReward((chunk, targets) => new RewardBatch(Unlucky(ToyReward.PixelError(chunk, targets!), targets!, pixels))))
            .StopEarly(new EarlyStopping
            {
                Name = "held-out error",
                HigherIsBetter = false,
                Every = 7,
                Patience = int.MaxValue,
                Measure = (policy, _) => HeldOut(policy, world),
            });
    }

    private static async Task AlignAsync(AlignmentTrainer trainer)
    {
        await foreach (AlignmentStep step in trainer.RunAsync())
            Say($"{Stepped} {step.Index}");
    }

    private static double HeldOut(IAutoregressivePolicy policy, ToyWorld world) => -HeldOutReward.Measure(
        policy, world.Tokenizer, Reward.MeanSquaredError(), world.Images, new AlignmentOptions { ImagesPerRollout = 8, GroupSize = 2, Seed = 3 }, imageCount: 8).Mean;

    // A rollout that begins with a certain image has no finite reward.
    private static Tensor Unlucky(Tensor values, Tensor targets, float[] pixels)
    {
        using Tensor first = targets[0].contiguous();
        return first.data<float>().ToArray().AsSpan().SequenceEqual(pixels) ? values.mul_(double.NaN) : values;
    }

    private static void Announce(string file)
    {
        if (!int.TryParse(Environment.GetEnvironmentVariable(DelayVariable), CultureInfo.InvariantCulture, out int delay))
            return;
        Say($"{Writing} {Path.GetFileName(file)}");
        Thread.Sleep(delay);
    }

    private static void Say(string line)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
    }
}
