using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Alignment.State;
using VaPi.Rewards;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Devices;

/// <summary>
/// Whole steps on the CPU while libtorch's default device is "meta": whatever a step makes without naming a device fails, as it would
/// fail on a GPU. The default device is the process's, so nothing else may run.
/// </summary>
[Collection(AloneCollection.Name)]
public sealed class StepDeviceTests : IDisposable
{
    private readonly ToyWorld _world = new(dropout: 0.1);

    public static TheoryData<string> Ways =>
        ["as it comes", "twice", "evaluation", "KL and several updates", "cut through groups", "filtered", "localised", "with KL watched"];

    public void Dispose()
    {
        set_default_device(CPU);
        _world.Dispose();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_step_names_the_device_of_all_that_it_makes(string way)
    {
        AlignmentStep expected = Step(way);
        using var world = new ToyWorld(dropout: 0.1);

        set_default_device(META);
        AlignmentStep step = Step(way, world);

        Assert.Equal(expected.Reward, step.Reward);
        Assert.Equal(expected.GradientNorms, step.GradientNorms);
    }

    private AlignmentStep Step(string way) => Step(way, _world);

    private static AlignmentStep Step(string way, ToyWorld world)
    {
        using Reward reward = way == "localised" ? Reward.MeanSquaredError().Localised() : Reward.MeanSquaredError() + 0.5 * Reward.MeanAbsoluteError();
        using AlignmentTrainer trainer = world.Builder(options =>
        {
            switch (way)
            {
                case "twice":
                    options.Mode = AlignmentMode.Twice;
                    break;
                case "evaluation":
                    options.Mode = AlignmentMode.Evaluation;
                    break;
                case "KL and several updates":
                    (options.KlWeight, options.ImagesPerMinibatch, options.MinibatchesPerUpdate, options.PassesPerRollout) = (0.1, 2, 1, 2);
                    break;
                case "cut through groups":
                    (options.SamplesPerMinibatch, options.SamplesPerDecode) = (6, 3);
                    break;
                case "filtered":
                    (options.TopK, options.TopP, options.Temperature) = (5, 0.9, 1.1);
                    break;
                case "with KL watched":
                    options.MonitorKl = true;
                    break;
            }
        }).WithReward(reward).Build();
        trainer.Step();
        using TrainerState state = trainer.CaptureState();
        trainer.RestoreState(state);
        return trainer.Step();
    }
}
