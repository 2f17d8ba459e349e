using Microsoft.Extensions.Options;
using VaPi.Alignment;
using VaPi.Alignment.Schedules;
using VaPi.Models.LlamaGen;
using VaPi.Models.LlamaGen.Costs;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.LlamaGen.Costs;

public class RolloutCostTests
{
    private const double ForwardOfB = 51_141_672_960;

    private static readonly LlamaGenConfiguration Policy = LlamaGenConfiguration.Of(LlamaGenSize.B, gridSize: 16);
    private static readonly LlamaGenTokenizerConfiguration Tokenizer = LlamaGenTokenizerConfiguration.Vq16(256);

    [Fact]
    public void Each_phase_is_its_passes_times_what_one_costs()
    {
        RolloutCost cost = Cost(RewardNetwork.Lpips, options => (options.ImagesPerRollout, options.GroupSize, options.KlWeight) = (3, 5, 0.1));

        Assert.Equal(3.0 * TokenizerOperations.Encode(Tokenizer), cost.Encode.Operations);
        Assert.Equal(3 * ForwardOfB, cost.Sample.Operations);
        Assert.Equal(15.0 * TokenizerOperations.Decode(Tokenizer), cost.Decode.Operations);
        Assert.Equal(18.0 * LpipsNetwork.Operations(256), cost.Score.Operations); // 3 originals and 15 samples
        Assert.Equal(3 * ForwardOfB, cost.Reference!.Operations);
        Assert.Equal(9 * ForwardOfB, cost.Train.Operations); // a forward pass and a backward pass, which is two
        Assert.Equal(0, cost.Update.Operations);
        Assert.Equal(cost.Phases.Sum(phase => phase.Operations), cost.Operations);
        Assert.Equal(["encode", "sample", "decode", "score", "reference", "train", "update"], cost.Phases.Select(phase => phase.Name));
    }

    [Theory]
    [InlineData(RewardNetwork.None)]
    [InlineData(RewardNetwork.Lpips)]
    public void Samples_cost_decoding_and_scoring_only(RewardNetwork reward)
    {
        RolloutCost few = Cost(reward, options => (options.GroupSize, options.KlWeight) = (2, 0.1));
        RolloutCost many = Cost(reward, options => (options.GroupSize, options.KlWeight) = (64, 0.1));

        Assert.Equal((few.Encode, few.Sample, few.Reference, few.Train, few.Update), (many.Encode, many.Sample, many.Reference, many.Train, many.Update));
        Assert.Equal(32 * few.Decode.Operations, many.Decode.Operations);
        double sample = reward == RewardNetwork.None ? 0 : LpipsNetwork.Operations(256);
        Assert.Equal(16 * 62 * sample, many.Score.Operations - few.Score.Operations);
    }

    [Theory]
    [InlineData(AlignmentMode.Training)]
    [InlineData(AlignmentMode.Evaluation)]
    [InlineData(AlignmentMode.Twice)]
    public void All_phases_but_the_update_grow_by_images(AlignmentMode mode)
    {
        RolloutCost Of(int images) => Cost(RewardNetwork.Lpips, options => (options.ImagesPerRollout, options.Mode, options.MonitorKl) = (images, mode, true));
        (RolloutCost one, RolloutCost seven) = (Of(1), Of(7));

        Assert.All(one.Phases.Zip(seven.Phases).SkipLast(1), pair => Assert.Equal(7 * pair.First.Operations, pair.Second.Operations));
        Assert.Equal(one.Update, seven.Update);
    }

    [Fact]
    public void A_kept_sampling_forward_is_not_made_again()
    {
        RolloutCost Of(Action<AlignmentOptions> configure) => Cost(RewardNetwork.None, options =>
        {
            (options.ImagesPerRollout, options.Mode) = (4, AlignmentMode.Evaluation);
            configure(options);
        });

        Assert.Equal(8 * ForwardOfB, Of(_ => { }).Train.Operations);
        Assert.Contains("kept", Of(_ => { }).Train.Arithmetic, StringComparison.Ordinal);
        Assert.Equal(12 * ForwardOfB, Of(options => options.TopK = 5).Train.Operations);
        Assert.Equal(12 * ForwardOfB, Of(options => options.ImagesPerMinibatch = 2).Train.Operations);
        Assert.Equal(24 * ForwardOfB, Of(options => options.PassesPerRollout = 2).Train.Operations);
    }

    [Fact]
    public void The_starting_policy_is_run_only_where_something_needs_it()
    {
        Assert.Null(Cost(RewardNetwork.None, _ => { }).Reference);
        Assert.NotNull(Cost(RewardNetwork.None, options => options.MonitorKl = true).Reference);
        Assert.NotNull(Cost(RewardNetwork.None, options => options.LearningRate = Schedule.Constant(1e-6).SteeredBy(Signal.KlToStart, target: 0.01, gain: 1)).Reference);
    }

    // GPT-B has 110,888,448 parameters: tables of 1,001 and 16,384 rows and a head of 16,384 rows of 768 numbers, 12 blocks of
    // 7,077,888 + 2 x 768, and a norm. In float32 an update reads the gradient for its norm, then it reads gradient, parameter and
    // two moments and writes the last three: 8 x 4 bytes.
    [Fact]
    public void An_update_moves_what_it_reads_and_writes()
    {
        const double Parameters = (1_001 + 16_384 + 16_384) * 768.0 + 12 * (7_077_888 + 2 * 768) + 768;

        Assert.Equal(110_888_448, Parameters);
        Assert.Equal(32 * Parameters, Cost(RewardNetwork.None, _ => { }).Update.BytesMoved);
        Assert.Equal(
            6 * 32 * Parameters,
            Cost(RewardNetwork.None, options => (options.ImagesPerRollout, options.ImagesPerMinibatch, options.MinibatchesPerUpdate, options.PassesPerRollout) = (7, 1, 2, 2)).Update.BytesMoved);
    }

    // A gradient of 2 bytes is read twice, the float32 parameter and two moments are read and written, the parameter is written:
    // 4 + 24 + 2. Of several minibatches it is the float32 sum that is read twice.
    [Theory]
    [InlineData(ScalarType.BFloat16, null, 30)]
    [InlineData(ScalarType.BFloat16, 1, 34)]
    [InlineData(ScalarType.Float32, 1, 32)]
    [InlineData(ScalarType.Float64, null, 64)]
    public void An_update_moves_what_the_types_weigh(ScalarType type, int? imagesPerMinibatch, int bytes) => Assert.Equal(
        bytes * 110_888_448.0,
        RolloutCost.Of(Policy, Tokenizer, new() { ImagesPerMinibatch = imagesPerMinibatch }, type: type).Update.BytesMoved);

    [Theory]
    [InlineData(AlignmentMode.Training, 1)]
    [InlineData(AlignmentMode.Evaluation, 1)]
    [InlineData(AlignmentMode.Twice, 2)]
    public void Checkpointed_activations_make_the_blocks_forward_again_for_each_backward_pass(AlignmentMode mode, int backwards)
    {
        RolloutCost Of(bool checkpointed) => RolloutCost.Of(Policy, Tokenizer, new() { ImagesPerRollout = 3, Mode = mode }, checkpointActivations: checkpointed);
        (RolloutCost plain, RolloutCost again) = (Of(false), Of(true));

        // All of GPT-B's forward pass but its head: 43,486,543,872 + 1,212,678,144.
        Assert.Equal(3 * backwards * 44_699_222_016.0, again.Train.Operations - plain.Train.Operations);
        Assert.Equal(plain.Phases.Where(phase => phase.Name != "train"), again.Phases.Where(phase => phase.Name != "train"));
    }

    [Fact]
    public void A_type_that_no_policy_has_is_refused() =>
        Assert.Contains("Float16", Assert.Throws<ArgumentException>(() => RolloutCost.Of(Policy, Tokenizer, new(), type: ScalarType.Float16)).Message, StringComparison.Ordinal);

    [Fact]
    public void Time_is_operations_by_their_rate_and_bytes_by_theirs()
    {
        RolloutCost cost = Cost(RewardNetwork.None, _ => { });
        var rate = new MachineRate(OperationsPerSecond: 1e9, BytesPerSecond: 1e8);

        Assert.Equal(cost.Train.Operations / 1e9, cost.Train.Seconds(rate), 1e-9);
        Assert.Equal(cost.Update.BytesMoved / 1e8, cost.Update.Seconds(rate), 1e-9);
        Assert.Equal(cost.Operations / 1e9 + cost.Update.BytesMoved / 1e8, cost.Seconds(rate), 1e-6);

        // The policy's passes may have a rate of their own.
        double passes = cost.Sample.Operations + cost.Train.Operations;
        Assert.Equal((cost.Operations - passes / 2) / 1e9 + cost.Update.BytesMoved / 1e8, cost.Seconds(rate, rate with { OperationsPerSecond = 2e9 }), 1e-6);
    }

    [Fact]
    public void A_machine_is_measured_as_fast_as_it_multiplies_and_copies()
    {
        foreach (ScalarType? type in (ScalarType?[])[null, ScalarType.BFloat16])
        {
            MachineRate rate = MachineRate.Measure(type: type);

            Assert.InRange(rate.OperationsPerSecond, 1e7, 1e15);
            Assert.InRange(rate.BytesPerSecond, 1e8, 1e14);
        }
    }

    [Fact]
    public void What_does_not_fit_together_is_refused()
    {
        Assert.Contains(
            "16384 tokens but the tokenizer's codebook has 5",
            Assert.Throws<ArgumentException>(() => RolloutCost.Of(Policy, Tokenizer with { CodebookSize = 5 }, new())).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "256 tokens but the tokenizer makes 576 of an image of 384x384",
            Assert.Throws<ArgumentException>(() => RolloutCost.Of(Policy, LlamaGenTokenizerConfiguration.Vq16(384), new())).Message,
            StringComparison.Ordinal);
        Assert.Contains("Layers is 0", Assert.Throws<ArgumentException>(() => RolloutCost.Of(Policy with { Layers = 0 }, Tokenizer, new())).Message, StringComparison.Ordinal);
        Assert.Contains(
            "GroupSize is 0", Assert.Throws<OptionsValidationException>(() => RolloutCost.Of(Policy, Tokenizer, new() { GroupSize = 0 })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => RolloutCost.Of(Policy, Tokenizer, new(), (RewardNetwork)7));
    }

    [Theory]
    [InlineData(0, "0", "0 kB")]
    [InlineData(999, "999", "1 kB")]
    [InlineData(12_345, "12.3 k", "12 kB")]
    [InlineData(9_996_000, "10.0 M", "10 MB")]
    [InlineData(345_400_000_000, "345 G", "345.4 GB")]
    [InlineData(999_900_000_000, "1.00 T", "999.9 GB")]
    [InlineData(8.3211e12, "8.32 T", "8,321.1 GB")]
    [InlineData(1.2e18, "1,200 P", "1,200,000,000.0 GB")]
    public void Amounts_are_written_for_people(double amount, string operations, string bytes) =>
        Assert.Equal((operations, bytes), (Amounts.OfOperations(amount), Amounts.OfBytes(amount)));

    private static RolloutCost Cost(RewardNetwork reward, Action<AlignmentOptions> configure)
    {
        var options = new AlignmentOptions();
        configure(options);
        return RolloutCost.Of(Policy, Tokenizer, options, reward);
    }
}
