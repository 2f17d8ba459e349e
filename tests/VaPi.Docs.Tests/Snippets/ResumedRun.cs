using VaPi;
#region resumable-run
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
#endregion
#region best-checkpoint
using VaPi.Alignment.Runs;
using VaPi.Models.LlamaGen;
#endregion

namespace Documents;

/// <summary>Compiled, not run: its model files are not here.</summary>
internal static class ResumedRun
{
    public static async Task Run(ITokenizer tokenizer, IAutoregressivePolicy policy, IRewardFunction reward, IImageSource images)
    {
        #region resumable-run

        using AlignmentTrainer trainer = AlignmentTrainer.CreateBuilder()
            .WithTokenizer(tokenizer)
            .WithPolicy(policy)
            .WithReward(reward)
            .WithImages(images)
            .Configure(options => options.Rollouts = 1000)
            .WithRunFolder("runs/first", run => run.CheckpointEvery = 20)
            .Build();
        if (trainer.ResumedFrom is { } rollouts)
            Console.WriteLine($"The run goes on after rollout {rollouts}.");

        using var stop = new CancellationTokenSource();
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = true; // the program ends by itself, once the checkpoint is written
            stop.Cancel();
        };
        await foreach (AlignmentStep step in trainer.RunAsync(stop.Token))
            Console.WriteLine($"{step.Index}: reward {step.Reward.Mean:F4} {step.CheckpointError}");
        #endregion
    }

    public static void Load()
    {
        #region best-checkpoint

        RunCheckpoint best = RunFolder.Checkpoints("runs/first").Single(checkpoint => checkpoint.IsBest);
        Console.WriteLine($"After rollout {best.Step} the {best.Measure} was {best.Value}.");
        using LlamaGenPolicy policy = LlamaGenPolicy.Load(best.PolicyPath, LlamaGenSize.XXL);
        #endregion
    }
}
