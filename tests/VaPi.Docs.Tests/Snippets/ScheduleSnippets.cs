using VaPi;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Alignment.Schedules;
using VaPi.Alignment.State;
using VaPi.Alignment.Stopping;
using VaPi.Rewards;
using VaPi.Tests.Checkpoints.Support;
using VaPi.Tests.Toys;
using Xunit;

namespace Documents;

/// <summary>The code of <c>docs/schedules.md</c>, which runs on the toy world.</summary>
public class ScheduleSnippets
{
    [Fact]
    public void Schedules_are_accepted()
    {
        var options = new AlignmentOptions();
        Assert.All<Action<AlignmentOptions>>([Plain, Own, Steered, Several], configure =>
        {
            configure(options);
            Assert.True(new AlignmentOptionsValidator().Validate(null, options).Succeeded);
        });
    }

    [Fact]
    public async Task A_run_stops_early()
    {
        using var world = new ToyWorld();
        using VaPi.Data.TensorImageSource heldOut = world.OtherImages(20, seed: 3);

        await StopOnHeldOutReward(world.Builder(), world.Tokenizer, Reward.MeanSquaredError(), heldOut);
    }

    [Fact]
    public void A_run_is_resumed()
    {
        using var folder = new TemporaryFolder();
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Trainer();
        using AlignmentTrainer later = world.Trainer();
        trainer.Step();

        Resume(trainer, later, folder.File("run.safetensors"));

        Assert.Equal(1, later.StepsDone);
    }

    private static void Plain(AlignmentOptions options)
    {
        #region schedules-plain
        options.ContextNoise = 0.5;                                      // the same throughout
        options.ContextNoise = Schedule.Linear(0.5, 0.1, rollouts: 100); // in a straight line, then constant
        options.LearningRate = Schedule.Cosine(1e-6, 0, rollouts: 100);  // along half a cosine
        #endregion
    }

    private static void Own(AlignmentOptions options)
    {
        #region schedules-own-use
        options.LearningRate = new InverseSquareRoot(peak: 1e-6, warmUp: 10);
        #endregion
    }

    private static void Steered(AlignmentOptions options)
    {
        #region schedules-steered
        options.LearningRate = Schedule.Linear(0, 1e-6, rollouts: 20)
            .SteeredBy(Signal.KlToStart, target: 0.05, gain: 0.5);

        options.ContextNoise = Schedule.Constant(0.1)
            .SteeredBy(Signal.Entropy, target: 4, gain: 0.3, lowestFactor: 1, highestFactor: 10);
        #endregion
    }

    private static void Several(AlignmentOptions options)
    {
        #region schedules-several
        var clipped = Signal.Of("clipped fraction", step => step.ClippedFraction);

        options.PassesPerRollout = 4;
        options.LearningRate = Schedule.Cosine(1e-6, 0, rollouts: 100)
            .SteeredBy(Signal.KlToStart, target: 0.05, gain: 0.5)
            .SteeredBy(clipped, target: 0.1, gain: 0.2, lowestFactor: 0.2, highestFactor: 2);
        #endregion
    }

    private static async Task StopOnHeldOutReward(AlignmentTrainerBuilder builder, ITokenizer tokenizer, IRewardFunction reward, IImageSource heldOut)
    {
        #region schedules-stop-on-reward
        var measuring = new AlignmentOptions { ImagesPerRollout = 16, GroupSize = 8, ContextNoise = 0.5, Seed = 1 };
        using AlignmentTrainer trainer = builder
            .Configure(options => options.Rollouts = 400)
            .StopEarly(EarlyStopping.OnHeldOutReward(tokenizer, reward, heldOut, measuring, imageCount: 64) with { Every = 10, Patience = 3 })
            .Build();

        await foreach (AlignmentStep step in trainer.RunAsync())
        {
            if (step.HeldOut is { } measured)
                Console.WriteLine($"after {step.Index} rollouts: {measured:F4}");
        }

        if (trainer.StoppedEarly)
            Console.WriteLine($"stopped after {trainer.StepsDone} rollouts");
        Console.WriteLine($"the policy is that of after {trainer.Best!.Step} rollouts: {trainer.Best.Value:F4}");
        #endregion

        Assert.True(trainer.StoppedEarly || trainer.StepsDone == 400);
    }

    private static void Resume(AlignmentTrainer trainer, AlignmentTrainer later, string path)
    {
        #region schedules-resume
        using (TrainerState state = trainer.CaptureState())
            state.Save(path);

        // In another process, with a trainer built from the same policy, parts and options:
        using TrainerState saved = TrainerState.Load(path);
        later.RestoreState(saved);
        #endregion
    }

    #region schedules-own
    /// <summary>Rises to a peak in a straight line, then falls with the square root of the rollout.</summary>
    internal sealed class InverseSquareRoot(double peak, long warmUp) : Schedule
    {
        public override (double Lowest, double Highest) Range => (0, peak);

        public override double At(long rollout) =>
            peak * Math.Min((rollout + 1) / (double)warmUp, Math.Sqrt(warmUp / (double)(rollout + 1)));
    }
    #endregion
}
