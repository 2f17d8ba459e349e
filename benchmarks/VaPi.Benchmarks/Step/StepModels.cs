using TorchSharp;
using TorchSharp.Modules;
using VaPi.Alignment;
using VaPi.Alignment.Rollouts;
using VaPi.Data;
using VaPi.Models.LlamaGen;
using VaPi.Models.LlamaGen.Costs;
using VaPi.Rewards;
using static TorchSharp.torch;

namespace VaPi.Benchmarks.Step;

/// <summary>The models, images and reward that both arrangements use. All weights are random: they decide no time.</summary>
internal sealed class StepModels : IDisposable
{
    public const double PriorWeight = 0.1;
    public const double KlWeight = 0.01;

    // With no learning rate the update makes all its arithmetic and leaves the weights, so every rollout is of the same policy.
    public const double LearningRate = 0;
    private const int Classes = 1000;

    public StepModels(StepOptions options)
    {
        Options = options;
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        random.manual_seed(1);
        PolicyConfiguration = new LlamaGenConfiguration
        {
            Layers = options.Layers,
            Heads = options.Heads,
            Width = options.Width,
            VocabularySize = options.Vocabulary,
            GridSize = options.Grid,
            Classes = Classes,
        };
        Policy = LlamaGenPolicy.Create(PolicyConfiguration);
        FillHead(Policy);

        TokenizerConfiguration = new LlamaGenTokenizerConfiguration
        {
            ImageSize = options.Side,
            BaseChannels = options.Channels,
            ChannelMultipliers = Multipliers(options.Side / options.Grid),
            ResidualBlocks = 1,
            CodebookSize = options.Vocabulary,
        };
        Tokenizer = LlamaGenTokenizer.Create(TokenizerConfiguration);
        Reward = options.PixelsOnly ? Rewards.Reward.MeanSquaredError() : Rewards.Reward.MeanSquaredError() + RandomLpips.Create();
        Images = (rand(options.Images, 3, options.Side, options.Side) * 2 - 1).DetachFromDisposeScope();
        Condition = new ClassCondition(Enumerable.Range(0, options.Images).Select(image => (long)(image % Classes)));
        Source = ImageSource.FromTensors(Images, Condition);
    }

    public StepOptions Options { get; }

    public LlamaGenConfiguration PolicyConfiguration { get; }

    public LlamaGenTokenizerConfiguration TokenizerConfiguration { get; }

    public LlamaGenPolicy Policy { get; }

    public LlamaGenTokenizer Tokenizer { get; }

    public Reward Reward { get; }

    public ClassCondition Condition { get; }

    private Tensor Images { get; }

    private TensorImageSource Source { get; }

    /// <summary>The library's own trainer on these parts.</summary>
    /// <param name="rollouts">Where samples come from.</param>
    /// <param name="onGradients">Shown the gradients of every update; null for none.</param>
    public AlignmentTrainer Trainer(IRolloutSource rollouts, Action<IReadOnlyList<(string Name, Tensor Gradient)>>? onGradients = null)
    {
        AlignmentTrainerBuilder builder = AlignmentTrainer.CreateBuilder()
            .WithTokenizer(Tokenizer)
            .WithPolicy(Policy)
            .WithReward(Reward)
            .WithImages(Source)
            .WithRollouts(rollouts)
            .Configure(Configure);
        return (onGradients is null ? builder : builder.OnGradients(onGradients)).Build();
    }

    public PublishedArrangement Published() => new(Policy, Tokenizer, Reward, new PublishedSettings
    {
        GroupSize = Options.GroupSize,
        PriorWeight = PriorWeight,
        KlWeight = Options.Kl ? KlWeight : 0,
    });

    /// <summary>What the library's rollout costs, by its own model.</summary>
    public RolloutCost Cost
    {
        get
        {
            var alignment = new AlignmentOptions();
            Configure(alignment);
            return RolloutCost.Of(PolicyConfiguration, TokenizerConfiguration, alignment, Options.PixelsOnly ? RewardNetwork.None : RewardNetwork.Lpips);
        }
    }

    /// <summary>Draws that no policy has made, for measurements that need no agreement.</summary>
    /// <returns>Belongs to the caller.</returns>
    public RolloutDraws RandomDraws()
    {
        long tokens = PolicyConfiguration.TokenCount;
        Tensor Tokens(params long[] shape) => randint(0, Options.Vocabulary, shape, ScalarType.Int64);
        return new RolloutDraws(
            Images.clone(),
            Condition.Select([.. Enumerable.Range(0, Options.Images)]),
            Tokens(Options.Images, tokens),
            Tokens(Options.Images, Options.GroupSize, tokens));
    }

    public void Dispose()
    {
        Policy.Dispose();
        Tokenizer.Dispose();
        Reward.Dispose();
        Condition.Dispose();
        Source.Dispose();
        Images.Dispose();
    }

    private void Configure(AlignmentOptions alignment)
    {
        alignment.Rollouts = int.MaxValue;
        alignment.ImagesPerRollout = Options.Images;
        alignment.GroupSize = Options.GroupSize;
        alignment.Mode = AlignmentMode.Evaluation;
        alignment.PriorWeight = PriorWeight;
        alignment.KlWeight = Options.Kl ? KlWeight : 0;
        alignment.LearningRate = LearningRate;
        alignment.SamplesPerDecode = Options.SamplesPerDecode ?? alignment.SamplesPerDecode;
    }

    // A policy that has learned nothing has a head of zeros, through which no gradient would reach the blocks.
    private static void FillHead(LlamaGenPolicy policy)
    {
        Parameter head = policy.NamedParameters().Last().Parameter;
        head.copy_(randn_like(head).mul_(0.05));
    }

    // The samples' small tokenizer has 1, 1, 2; finer grids have fewer levels and coarser ones more.
    private static IReadOnlyList<int> Multipliers(int downsampling) => [.. Enumerable.Repeat(1, int.Log2(downsampling)), 2];
}
