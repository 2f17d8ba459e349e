using TorchSharp;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Rewards;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Rewards;

public class LocalisedRewardTests
{
    public static TheoryData<string> Kinds => ["square", "absolute", "features", "sum"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_samples_rewards_stay_the_same(string kind)
    {
        using DisposeScope scope = NewDisposeScope();
        using Reward plain = Of(kind);
        using RewardBatch whole = Scored(plain);
        using RewardBatch local = Scored(plain.Localised());

        Expect.Close(whole.Values, local.Values, 1e-5);
        Assert.Null(whole.PositionValues);
        Assert.Equal(whole.Components.Keys, local.Components.Keys);
        foreach ((string name, Tensor component) in whole.Components)
            Expect.Close(component, local.Components[name], 1e-5);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Cells_add_up_to_the_samples_reward(string kind)
    {
        using DisposeScope scope = NewDisposeScope();
        using Reward reward = Of(kind).Localised(neighbourhood: 0);
        using RewardBatch local = Scored(reward);

        Expect.Close(local.Values, local.PositionValues!.sum([1]), 1e-5);
    }

    [Fact]
    public void A_token_is_credited_with_its_own_places_only()
    {
        using DisposeScope scope = NewDisposeScope();
        using Reward reward = Reward.MeanSquaredError().Localised(neighbourhood: 0);
        Tensor samples = zeros(2, 3, 4, 4);
        samples[1, TensorIndex.Ellipsis, TensorIndex.Slice(2, 4), TensorIndex.Slice(0, 2)] = 1f; // the third of four cells

        using IRewardScorer scorer = reward.Prepare(zeros(1, 3, 4, 4), new NoCondition(1));
        using RewardBatch scored = scorer.Score(new RewardChunk(samples, zeros([2, 4], ScalarType.Int64), TokenLayout.Grid(2, 2), 0, 1));

        Assert.Equal([0f, 0f, 0f, 0f, 0f, 0f, -0.25f, 0f], scored.PositionValues!.data<float>().ToArray());
    }

    [Fact]
    public void Terms_without_a_place_count_alike_from_every_token_and_weights_are_kept()
    {
        using DisposeScope scope = NewDisposeScope();
        using Reward localised = (3 * Reward.MeanSquaredError() + 10 * ToyReward.Constant(1, "whole")).Localised(neighbourhood: 0);
        using Reward square = Reward.MeanSquaredError().Localised(neighbourhood: 0);
        using RewardBatch both = Scored(localised);
        using RewardBatch alone = Scored(square);

        Expect.Close(3 * alone.PositionValues! + 10, both.PositionValues!, 1e-5);
        Assert.Equal("3 * mean squared error + 10 * whole", localised.Name);
    }

    [Fact]
    public void At_the_full_share_of_the_whole_image_a_run_is_that_of_the_whole_image()
    {
        List<AlignmentStep> Run(Reward reward)
        {
            using var world = new ToyWorld();
            using AlignmentTrainer trainer = world.Builder().WithReward(reward).Build();
            return [.. Enumerable.Range(0, 3).Select(_ => trainer.Step())];
        }

        List<AlignmentStep> whole = Run(Reward.MeanSquaredError());
        List<AlignmentStep> local = Run(Reward.MeanSquaredError().Localised(neighbourhood: 1, wholeImage: 1));

        Assert.All(whole.Zip(local), pair => Assert.Equal(pair.First.GradientNorm, pair.Second.GradientNorm, 1e-3));
        Assert.All(whole.Zip(local), pair => Assert.Equal(pair.First.Reward.Mean, pair.Second.Reward.Mean, 1e-4));
    }

    [Fact]
    public void Where_a_tokens_effect_is_its_own_cell_local_credit_learns_faster_from_as_many_images()
    {
        double After(Reward reward)
        {
            using var world = new ToyWorld();
            using AlignmentTrainer trainer = world
                .Builder(options => (options.Mode, options.PriorWeight, options.ContextNoise) = (AlignmentMode.Evaluation, 0, 0))
                .WithReward(reward)
                .Build();
            List<double> rewards = [.. Enumerable.Range(0, 120).Select(_ => trainer.Step().Reward.Mean)];
            return rewards.TakeLast(10).Average();
        }

        double whole = After(Reward.MeanSquaredError());
        double local = After(Reward.MeanSquaredError().Localised(neighbourhood: 0));

        Assert.True(local > whole * 0.9, $"whole-image credit came to {whole:F4}, local credit to {local:F4}");
    }

    [Fact]
    public void Disposing_it_disposes_what_it_localised()
    {
        var inner = new OwnLocal(() => [zeros(1, 2, 2)]);

        inner.Localised().Dispose();

        Assert.True(inner.IsDisposed);
    }

    [Fact]
    public void Scores_leave_no_tensors_behind()
    {
        using DisposeScope scope = NewDisposeScope();
        using Reward reward = Of("sum").Localised();
        long Kept()
        {
            long before = scope.DisposablesCount;
            Scored(reward).Dispose();
            return scope.DisposablesCount - before;
        }

        Kept();

        // What is counted are the test's own two inputs.
        Assert.Equal(2, Kept());
    }

    [Theory]
    [InlineData(-1, 0.0, "neighbourhood")]
    [InlineData(1, -0.1, "wholeImage")]
    [InlineData(1, 1.1, "wholeImage")]
    [InlineData(1, double.NaN, "wholeImage")]
    public void Parameters_outside_their_range_are_refused(int neighbourhood, double wholeImage, string parameter) =>
        Assert.Equal(parameter, Assert.Throws<ArgumentOutOfRangeException>(() => Reward.MeanSquaredError().Localised(neighbourhood, wholeImage)).ParamName);

    [Fact]
    public void A_reward_without_any_place_is_refused()
    {
        var exception = Assert.Throws<ArgumentException>(() => (ToyReward.Constant(1, "a") + ToyReward.Constant(2, "b")).Localised());

        Assert.Contains("'a + b'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_layout_without_a_grid_is_named()
    {
        using DisposeScope scope = NewDisposeScope();
        using Reward reward = Reward.MeanSquaredError().Localised();
        using IRewardScorer scorer = reward.Prepare(zeros(1, 3, 4, 4), new NoCondition(1));

        var exception = Assert.Throws<RewardException>(
            () => scorer.Score(new RewardChunk(zeros(2, 3, 4, 4), zeros([2, 4], ScalarType.Int64), TokenLayout.Sequence(4), 0, 1)));

        Assert.Contains("the tokenizer's layout is 1x4", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_map_that_breaks_the_contract_is_named(int mistake)
    {
        using DisposeScope scope = NewDisposeScope();
        using Reward reward = new OwnLocal(() => mistake switch
        {
            0 => [zeros(6, 1, 4, 4)],
            1 => [zeros(6, 4, 4), zeros(5, 4, 4)],
            _ => [zeros([6, 4, 4], ScalarType.Int64)],
        }).Localised();

        Assert.Contains("'own'", Assert.Throws<RewardException>(() => Scored(reward)).Message, StringComparison.Ordinal);
    }

    private static Reward Of(string kind) => kind switch
    {
        "square" => Reward.MeanSquaredError(),
        "absolute" => Reward.MeanAbsoluteError(),
        "features" => Reward.FeatureDistance("features", new Extractor()),
        _ => Reward.MeanSquaredError() + 0.5 * Reward.FeatureDistance("features", new Extractor()),
    };

    // Three images; three samples each of the last two.
    private static RewardBatch Scored(Reward reward)
    {
        using var generator = new Generator(13, CPU);
        Tensor targets = rand([3, 3, 4, 4], generator: generator);
        Tensor samples = rand([6, 3, 4, 4], generator: generator);
        using Tensor tokens = zeros([6, 4], ScalarType.Int64);
        using IRewardScorer scorer = reward.Prepare(targets, new NoCondition(3));
        return scorer.Score(new RewardChunk(samples, tokens, TokenLayout.Grid(2, 2), FirstImage: 1, ImageCount: 2));
    }

    private sealed class Extractor : IFeatureExtractor
    {
        public IReadOnlyList<Tensor> Extract(Tensor images) => [images * 2 + 1, nn.functional.avg_pool2d(images, 2)];
    }

    private sealed class OwnLocal(Func<IReadOnlyList<Tensor>> maps) : Reward, ILocalReward
    {
        public bool IsDisposed { get; private set; }

        public override string Name => "own";

        public override RewardInputs Inputs => RewardInputs.None;

        public override IRewardScorer Prepare(Tensor? targets, Condition condition) => throw new NotSupportedException();

        public ILocalRewardScorer PrepareLocal(Tensor? targets, Condition condition) => new Scorer(maps);

        protected override void Dispose(bool disposing)
        {
            IsDisposed = true;
            base.Dispose(disposing);
        }

        private sealed class Scorer(Func<IReadOnlyList<Tensor>> maps) : ILocalRewardScorer
        {
            public RewardMaps Score(RewardChunk chunk) => new(maps());

            public void Dispose()
            {
            }
        }
    }
}
