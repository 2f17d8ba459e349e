using VaPi;
using VaPi.Alignment;
using VaPi.Alignment.Stopping;
using VaPi.Data;
using VaPi.Evaluation;
using VaPi.Generation;
using VaPi.Models.LlamaGen;
using VaPi.Models.Tests.Support;
using VaPi.Rewards;
using Xunit;
using static TorchSharp.torch;

namespace Documents;

/// <summary>The code of <c>docs/schedules.md</c> that needs a generator and the Frechet distance.</summary>
public class FrechetStoppingSnippet
{
    [Fact]
    public async Task A_run_stops_on_the_frechet_distance()
    {
        using LlamaGenPolicy policy = Toys.Policy();
        using var tokenizer = LlamaGenTokenizer.Create(Toys.TokenizerShape with { ImageSize = 8 });
        using Tensor images = rand(12, 3, 8, 8);
        using var labels = new ClassCondition([.. Enumerable.Range(0, 12).Select(index => (long)index % Toys.Classes)]);
        using TensorImageSource source = ImageSource.FromTensors(images * 2 - 1, labels);
        AlignmentTrainerBuilder builder = AlignmentTrainer.CreateBuilder()
            .WithTokenizer(tokenizer)
            .WithPolicy(policy)
            .WithReward(Reward.MeanSquaredError())
            .WithImages(source)
            .Configure(options => (options.Rollouts, options.ImagesPerRollout, options.GroupSize) = (3, 2, 2));

        using AlignmentTrainer trainer = await Run(builder, policy, tokenizer, images * 2 - 1, labels, pictures => pictures.flatten(2).mean([2]));

        Assert.True(trainer.Best!.Value > 0);
    }

    private static async Task<AlignmentTrainer> Run(
        AlignmentTrainerBuilder builder, LlamaGenPolicy policy, LlamaGenTokenizer tokenizer, Tensor heldOutImages, ClassCondition heldOutLabels, Func<Tensor, Tensor> features)
    {
        #region schedules-stop-on-frechet
        Tensor reference = features(heldOutImages); // (N, F), once

        var stopping = new EarlyStopping
        {
            Name = "Frechet distance",
            HigherIsBetter = false,
            Measure = (_, cancellationToken) =>
            {
                // As many free-running samples, of the same classes, with the same random numbers every time.
                Tensor tokens = policy.Generate(heldOutLabels, new GenerationOptions { Seed = 1 }, cancellationToken);
                return FrechetDistance.Between(features(tokenizer.Decode(tokens).clamp(-1, 1)), reference);
            },
            Every = 20,
            Patience = 2,
            MinimumImprovement = 0.1,
        };

        AlignmentTrainer trainer = builder.StopEarly(stopping).Build();
        await trainer.AlignAsync();
        #endregion

        return trainer;
    }
}
