using TorchSharp;
using VaPi.Models.LlamaGen;
using VaPi.Rewards;
using VaPi.Study.BaseTraining;
using VaPi.Study.Evidence;
using VaPi.Study.Worlds;
using Xunit;

namespace VaPi.Study.Tests.Worlds;

public sealed class WorldEvaluatorTests : IDisposable
{
    private readonly PhotographWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void A_policy_that_knows_nothing_is_worth_the_logarithm_of_the_codebook()
    {
        using LlamaGenPolicy policy = LlamaGenPolicy.Create(_world.Policy, seed: 1); // its logits are all zero
        Assert.Equal(Math.Log(256), BasePolicy.HeldOutNats(policy, _world.Tokenizer, new Draws(_world.Validation, 4, seed: 1), images: 10), 1e-4);
    }

    [Fact]
    public void Divergence_and_entropy_are_of_held_out_images_whatever_trained_the_policy()
    {
        using LlamaGenPolicy uniform = LlamaGenPolicy.Create(_world.Policy, seed: 1); // its logits are all zero
        using LlamaGenPolicy policy = LlamaGenPolicy.Create(_world.Policy, seed: 1);
        using Reward reward = Reward.MeanSquaredError();
        using (torch.no_grad())
        {
            foreach ((_, var parameter) in policy.NamedParameters().Where(named => named.Parameter.abs().max().item<float>() == 0))
                torch.nn.init.normal_(parameter, std: 0.1);
        }

        using var evaluator = new WorldEvaluator(_world, reward, _world.Evaluation, new EvidenceSizes { Samples = 12, HeldOutImages = 4 }, seed: 1);
        Dictionary<string, double> start = evaluator.Measure(uniform, uniform, 1, CancellationToken.None).Measures;
        Dictionary<string, double> moved = evaluator.Measure(policy, uniform, 1, CancellationToken.None).Measures;

        Assert.Equal(0, start[EvidenceMeasures.KlDivergence], 1e-9);
        Assert.Equal(Math.Log(256), start[EvidenceMeasures.Entropy], 1e-6);
        Assert.True(moved[EvidenceMeasures.KlDivergence] > 0.01);

        // From the uniform distribution a policy is as far as its entropy is below the largest.
        Assert.Equal(Math.Log(256), moved[EvidenceMeasures.KlDivergence] + moved[EvidenceMeasures.Entropy], 1e-6);
        Assert.Equal(moved[EvidenceMeasures.Elbo], moved[EvidenceMeasures.Reconstruction] - moved[EvidenceMeasures.Divergence], 1e-6);
    }

    [Fact]
    public void The_same_policy_measures_the_same_and_another_seed_otherwise()
    {
        using LlamaGenPolicy policy = LlamaGenPolicy.Create(_world.Policy, seed: 1);
        using Reward reward = Reward.MeanSquaredError();
        Dictionary<string, double> Measured(WorldEvaluator evaluator) => evaluator.Measure(policy, policy, 1, CancellationToken.None).Measures;
        WorldEvaluator Evaluator(int seed) => new(_world, reward, _world.Evaluation, new EvidenceSizes { Samples = 12, HeldOutImages = 4 }, seed);
        using WorldEvaluator one = Evaluator(1);
        using WorldEvaluator again = Evaluator(1);
        using WorldEvaluator other = Evaluator(2);

        Dictionary<string, double> first = Measured(one);

        Assert.Equal(first, Measured(one));
        Assert.Equal(first, Measured(again));
        foreach (string measure in new[] { EvidenceMeasures.Frechet, EvidenceMeasures.RewardClean, EvidenceMeasures.RewardNoisy })
            Assert.NotEqual(first[measure], Measured(other)[measure]);
    }
}
