using VaPi.Alignment;
using VaPi.Rewards;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Alignment;

public class RewardFailureTests
{
    private static readonly Dictionary<string, (Func<RewardChunk, RewardBatch?> Score, string Message)> Mistakes = new()
    {
        ["null"] = (_ => null, "returned null"),
        ["NaN"] = (chunk => Batch(chunk, double.NaN), "8 of 8 numbers of its value tensor are NaN or infinite"),
        ["infinity"] = (chunk => Batch(chunk, double.NegativeInfinity), "NaN or infinite"),
        ["a value too many"] = (chunk => new RewardBatch(zeros(chunk.SampleCount + 1)), "given 8 samples and returned a value tensor of shape (9); it must be (8)"),
        ["a column"] = (chunk => new RewardBatch(zeros(chunk.SampleCount, 1)), "of shape (8, 1); it must be (8)"),
        ["one number"] = (_ => new RewardBatch(zeros([])), "of shape (); it must be (8)"),
        ["integers"] = (chunk => new RewardBatch(zeros(chunk.SampleCount, ScalarType.Int64)), "of type Int64; it must be a floating-point type"),
        ["a wrong part"] = (
            chunk => new RewardBatch(zeros(chunk.SampleCount), new Dictionary<string, Tensor> { ["sharpness"] = full([chunk.SampleCount], double.NaN) }),
            "component 'sharpness'"),
        ["a part now and then"] = (
            chunk => new RewardBatch(
                zeros(chunk.SampleCount),
                chunk.FirstImage == 0 ? null : new Dictionary<string, Tensor> { ["sharpness"] = zeros(chunk.SampleCount) }),
            "'sharpness' for some chunks of samples only"),
        ["wrong values a position"] = (chunk => new RewardBatch(zeros(chunk.SampleCount), null, zeros(chunk.SampleCount, 3)), "of shape (8, 3); it must be (8, 16)"),
        ["values a position now and then"] = (
            chunk => new RewardBatch(zeros(chunk.SampleCount), null, chunk.FirstImage == 0 ? zeros(chunk.SampleCount, 16) : null), "for some chunks only"),
    };

    public static TheoryData<string, bool> MistakeNames
    {
        get
        {
            var names = new TheoryData<string, bool>();
            foreach (string name in Mistakes.Keys)
            {
                names.Add(name, false);
                names.Add(name, true);
            }

            return names;
        }
    }

    [Theory]
    [MemberData(nameof(MistakeNames))]
    public void A_mistake_is_told_of_the_reward_that_made_it(string mistake, bool inSum)
    {
        (Func<RewardChunk, RewardBatch?> score, string message) = Mistakes[mistake];
        using var world = new ToyWorld();
        using ToyPolicy before = world.Policy.Copy();
        var wrong = new ToyReward((chunk, _) => score(chunk), "sharp edges");
        Reward reward = inSum ? Reward.MeanSquaredError() + 2 * wrong : wrong;
        using AlignmentTrainer trainer = world.Builder(options => (options.SamplesPerDecode, options.MaximumSkippedRollouts) = (8, 0)).WithReward(reward).Build();

        var exception = Assert.Throws<RewardException>(() => trainer.Step());

        Assert.Contains("sharp edges", exception.RewardName, StringComparison.Ordinal);
        Assert.Contains(exception.RewardName, exception.Message, StringComparison.Ordinal);
        Assert.Contains(message, exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, wrong.ScorersAlive);
        Expect.SameParameters(before, world.Policy);
        Assert.Equal(0, trainer.StepsDone);
    }

    [Fact]
    public void A_reward_that_prepares_nothing_is_named()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer alone = world.Builder().WithReward(new Unprepared()).Build();
        using AlignmentTrainer inSum = world.Builder().WithReward(Reward.MeanSquaredError() + new Unprepared()).Build();

        Assert.Equal("unprepared", Assert.Throws<RewardException>(() => alone.Step()).RewardName);
        Assert.Equal("unprepared", Assert.Throws<RewardException>(() => inSum.Step()).RewardName);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_a_reward_throws_is_told_with_its_name(bool inSum)
    {
        using var world = new ToyWorld();
        using ToyPolicy before = world.Policy.Copy();
        var own = new FormatException("of the reward");
        var throwing = new ToyReward((_, _) => throw own, "sharp edges");
        using AlignmentTrainer trainer = world.Builder().WithReward(inSum ? Reward.MeanSquaredError() + 2 * throwing : throwing).Build();

        var exception = Assert.Throws<RewardException>(() => trainer.Step());

        Assert.Equal("sharp edges", exception.RewardName);
        Assert.StartsWith("The reward 'sharp edges' cannot be used: it threw FormatException (of the reward). See the inner exception; nothing has been changed", exception.Message, StringComparison.Ordinal);
        Assert.Same(own, exception.InnerException);
        Assert.Equal(0, throwing.ScorersAlive);
        Expect.SameParameters(before, world.Policy);
    }

    private static RewardBatch Batch(RewardChunk chunk, double value) => new(full([chunk.SampleCount], value));

    private sealed class Unprepared : IRewardFunction
    {
        public string Name => "unprepared";

        public RewardInputs Inputs => RewardInputs.None;

        public IRewardScorer Prepare(Tensor? targets, Condition condition) => null!;
    }
}
