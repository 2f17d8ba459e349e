using TorchSharp;
using VaPi.Alignment;
using VaPi.Checkpoints;
using VaPi.Data;
using VaPi.Models.LlamaGen;
using VaPi.Models.LlamaGen.Costs;
using VaPi.Models.Tests.Support;
using VaPi.Rewards;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.LlamaGen.Costs;

/// <summary>What is estimated against what the process takes. Alone, since other tests' memory would be measured too.</summary>
[Collection(AloneCollection.Name)]
public class MeasuredMemoryTests
{
    private const long Measurable = 200_000_000;

    // libtorch's own code and buffers, which come with their first use; the estimate has them in its allowance.
    private const long FirstUse = 100_000_000;

    // A policy whose training takes most.
    private static readonly LlamaGenConfiguration Policy = new() { Layers = 8, Heads = 8, Width = 384, VocabularySize = 1024, GridSize = 16, Classes = 10 };

    private static readonly LlamaGenTokenizerConfiguration Tokenizer = new()
    {
        ImageSize = 64,
        BaseChannels = 32,
        ChannelMultipliers = [1, 1, 2],
        ResidualBlocks = 1,
        LatentChannels = 32,
        CodebookSize = 1024,
    };

    [GlibcFact]
    public void Activations_are_about_as_large_as_estimated()
    {
        foreach ((ScalarType type, bool drops) in ((ScalarType, bool)[])[(ScalarType.Float32, true), (ScalarType.Float32, false), (ScalarType.BFloat16, true), (ScalarType.BFloat16, false)])
        {
            const int Images = 8;
            LlamaGenConfiguration shape = Policy with { VocabularySize = 256 };
            long estimated = PolicyMemory.Training(shape, Images, drops, NumberBytes.Of(type));
            using LlamaGenPolicy policy = LlamaGenPolicy.Create(shape, type: type);
            using var condition = new ClassCondition([1, 2, 3, 4, 5, 6, 7, 8]);
            using Tensor context = zeros([Images, policy.TokenCount], ScalarType.Int64);
            long before = PeakMemory.Allocated();
            using Tensor features = policy.Features(condition, context, drops ? PolicyMode.Training : PolicyMode.Evaluation);
            long kept = PeakMemory.Allocated() - before;

            Assert.True(estimated > Measurable, "The model is too small to be measured.");
            Assert.InRange((double)kept / estimated, 0.85, 1.15);
        }
    }

    [GlibcFact]
    public void Decoding_takes_about_as_much_as_estimated()
    {
        LlamaGenTokenizerConfiguration shape = new() { ImageSize = 512, BaseChannels = 32, ChannelMultipliers = [1, 1, 1, 1, 2], ResidualBlocks = 1, LatentChannels = 32, CodebookSize = 16 };
        using LlamaGenTokenizer tokenizer = LlamaGenTokenizer.Create(shape);
        using Tensor tokens = zeros([1, tokenizer.Layout.TokenCount], ScalarType.Int64);
        long estimated = TokenizerMemory.Decode(shape);
        double growth = PeakMemory.GrowthDuring(() => tokenizer.Decode(tokens).Dispose());

        Assert.True(estimated > Measurable, "The picture is too small to be measured.");
        Assert.InRange(growth / estimated, 0.7, 1.35);
    }

    [GlibcFact]
    public void A_rollout_takes_about_as_much_as_estimated()
    {
        foreach (AlignmentMode mode in Enum.GetValues<AlignmentMode>())
        {
            var options = new AlignmentOptions { ImagesPerRollout = 4, GroupSize = 2, SamplesPerDecode = 4, Mode = mode };
            using Reward reward = Reward.MeanSquaredError();
            CompareRollout(Policy, Tokenizer, options, reward, RewardNetwork.None);
        }
    }

    [GlibcFact]
    public void A_rollout_with_LPIPS_takes_about_as_much_as_estimated()
    {
        using var folder = new TemporaryFolder();
        using Reward reward = Lpips(folder);
        CompareRollout(
            Policy with { Layers = 2, Width = 128 },
            Tokenizer with { ImageSize = 256, ChannelMultipliers = [1, 1, 1, 1, 2] },
            new AlignmentOptions { ImagesPerRollout = 2, GroupSize = 2, SamplesPerDecode = 4 },
            reward,
            RewardNetwork.Lpips);
    }

    [GlibcFact]
    public void A_rollout_of_a_policy_of_16_bits_takes_about_as_much_as_estimated()
    {
        foreach (int? imagesPerMinibatch in (int?[])[null, 2])
        {
            var options = new AlignmentOptions { ImagesPerRollout = 4, GroupSize = 2, SamplesPerDecode = 2, KlWeight = 0.01, ImagesPerMinibatch = imagesPerMinibatch };
            using Reward reward = Reward.MeanSquaredError();
            CompareRollout(Policy, Tokenizer, options, reward, RewardNetwork.None, ScalarType.BFloat16);
        }
    }

    private static void CompareRollout(
        LlamaGenConfiguration policyShape,
        LlamaGenTokenizerConfiguration tokenizerShape,
        AlignmentOptions options,
        Reward reward,
        RewardNetwork network,
        ScalarType type = ScalarType.Float32)
    {
        MemoryEstimate estimate = RolloutCost.Of(policyShape, tokenizerShape, options, network, type).Memory;
        double estimated = estimate.PeakBytes - MemoryEstimate.ProgramBytes;
        double growth = PeakMemory.GrowthDuring(() =>
        {
            using LlamaGenPolicy policy = LlamaGenPolicy.Create(policyShape, type: type);
            using LlamaGenTokenizer tokenizer = LlamaGenTokenizer.Create(tokenizerShape);
            using Tensor pixels = zeros([options.ImagesPerRollout, 3, tokenizerShape.ImageSize.Height, tokenizerShape.ImageSize.Width]);
            using var condition = new ClassCondition(Enumerable.Range(0, options.ImagesPerRollout).Select(label => (long)label));
            using TensorImageSource images = ImageSource.FromTensors(pixels, condition);
            using AlignmentTrainer trainer = AlignmentTrainer.CreateBuilder()
                .WithPolicy(policy)
                .WithTokenizer(tokenizer)
                .WithReward(reward)
                .WithImages(images)
                .WithOptions(options)
                .Build();
            trainer.Step();
        });

        Assert.True(estimated > Measurable, "The models are too small to be measured.");
        Assert.True(
            growth > 0.8 * estimated && growth < 1.2 * estimated + FirstUse,
            $"{options.Mode}, {type}: it took {Amounts.OfBytes(growth)} where {Amounts.OfBytes(estimated)} were estimated");
    }

    // The published network with random weights.
    private static Reward Lpips(TemporaryFolder folder)
    {
        using DisposeScope scope = NewDisposeScope();
        (int Index, long From, long To)[] layers =
        [
            (0, 3, 64), (2, 64, 64), (5, 64, 128), (7, 128, 128), (10, 128, 256), (12, 256, 256), (14, 256, 256),
            (17, 256, 512), (19, 512, 512), (21, 512, 512), (24, 512, 512), (26, 512, 512), (28, 512, 512),
        ];
        var vgg = new Dictionary<string, Tensor>();
        foreach ((int index, long from, long to) in layers)
        {
            vgg[$"features.{index}.weight"] = randn(to, from, 3, 3) * Math.Sqrt(2.0 / (9 * from));
            vgg[$"features.{index}.bias"] = zeros(to);
        }

        long[] channels = [64, 128, 256, 512, 512];
        Checkpoint.Save(folder.File("vgg.safetensors"), vgg);
        Checkpoint.Save(folder.File("heads.safetensors"), channels.Select((count, layer) => KeyValuePair.Create($"lin{layer}.model.1.weight", rand(1, count, 1, 1))));
        return Reward.Lpips(folder.File("vgg.safetensors"), folder.File("heads.safetensors"));
    }
}
