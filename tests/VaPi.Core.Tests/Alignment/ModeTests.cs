using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Alignment;

/// <summary>Where dropout is drawn. It comes from the process's one generator, so nothing else may run.</summary>
[Collection(AloneCollection.Name)]
public class ModeTests
{
    [Fact]
    public void Training_mode_trains_with_the_dropout_that_sampling_did_not_have()
    {
        AlignmentStep step = FirstStep(AlignmentMode.Training);

        Assert.True(Math.Abs(step.MeanRatio - 1) > 1e-3, $"the mean ratio is {step.MeanRatio}");
        Assert.NotEqual(FirstStep(AlignmentMode.Evaluation).PriorLoss!.Value, step.PriorLoss!.Value, 1e-3);
    }

    [Fact]
    public void Evaluation_mode_has_no_dropout()
    {
        AlignmentStep step = FirstStep(AlignmentMode.Evaluation);

        Assert.Equal(1, step.MeanRatio, 1e-12);
        Assert.Equal(FirstStep(AlignmentMode.Evaluation, dropout: 0).PriorLoss!.Value, step.PriorLoss!.Value, 1e-12);
    }

    [Fact]
    public void Twice_has_dropout_in_the_prior_alone()
    {
        AlignmentStep step = FirstStep(AlignmentMode.Twice);

        Assert.Equal(1, step.MeanRatio, 1e-12);
        Assert.NotEqual(FirstStep(AlignmentMode.Evaluation).PriorLoss!.Value, step.PriorLoss!.Value, 1e-3);
    }

    private static AlignmentStep FirstStep(AlignmentMode mode, double dropout = 0.4)
    {
        using var world = new ToyWorld(dropout, ScalarType.Float64);
        using AlignmentTrainer trainer = world.Trainer(options => options.Mode = mode);
        return trainer.Step();
    }
}
