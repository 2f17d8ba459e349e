using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Alignment.State;
using VaPi.Tests.Toys;
using Xunit;

namespace VaPi.Tests.Alignment;

public class CaptureDuringRunTests
{
    [Fact]
    public async Task A_state_captured_while_an_item_is_held_resumes_there()
    {
        using var world = new ToyWorld();
        using var resumed = new ToyWorld();
        using AlignmentTrainer running = world.Trainer();
        TrainerState? captured = null;
        await foreach (AlignmentStep step in running.RunAsync())
        {
            if (step.Index == 2)
                captured = running.CaptureState();
        }

        using AlignmentTrainer trainer = resumed.Trainer();
        trainer.RestoreState(captured!);
        captured!.Dispose();
        Assert.Equal(2, trainer.StepsDone);
        await trainer.AlignAsync();

        Expect.SameParameters(world.Policy, resumed.Policy);
    }

    [Fact]
    public void A_state_is_not_captured_in_the_middle_of_a_step()
    {
        using var world = new ToyWorld();
        AlignmentTrainer? trainer = null;
        InvalidOperationException? refused = null;
        using AlignmentTrainer built = world.Builder()
            .OnGradients(_ => refused = Assert.Throws<InvalidOperationException>(() => trainer!.CaptureState()))
            .Build();
        trainer = built;

        trainer.Step();

        Assert.Contains("while holding an item of RunAsync", refused?.Message, StringComparison.Ordinal);
        trainer.CaptureState().Dispose();
    }
}
