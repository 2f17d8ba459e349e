using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using TorchSharp;
using VaPi.Alignment;
using VaPi.Checkpoints;
using VaPi.Docs.Tests.Support;
using VaPi.Rewards;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Docs.Tests;

/// <summary>The messages that docs/rewards.md quotes are those that one gets.</summary>
public partial class RewardMessageTests
{
    private static readonly Dictionary<string, Func<string>> Mistakes = new()
    {
        ["a column"] = () => OfReward(chunk => new RewardBatch(zeros(chunk.SampleCount, 1))),
        ["not a number"] = () => OfReward(chunk => new RewardBatch(full([chunk.SampleCount], double.NaN))),
        ["integers"] = () => OfReward(chunk => new RewardBatch(zeros(chunk.SampleCount, ScalarType.Int64))),
        ["a part now and then"] = () => OfReward(
            chunk => new RewardBatch(
                zeros(chunk.SampleCount), chunk.FirstImage > 0 ? null : new Dictionary<string, Tensor> { ["sharpness"] = zeros(chunk.SampleCount) }),
            samplesPerDecode: 8),
        ["no originals"] = () => Assert.Throws<RewardException>(() => new Documents.EdgeReward().Prepare(null, new NoCondition(1))).Message,
        ["small images"] = OfDiscriminator,
        ["another tokenizer"] = OfEmbeddings,
        ["one name twice"] = () => Assert.Throws<ArgumentException>(() => new Documents.EdgeReward() + 2 * new Documents.EdgeReward()).Message,
        ["a tensor of a scope that ended"] = () =>
        {
            Tensor kept;
            using (NewDisposeScope())
                kept = zeros(1);
            return Assert.Throws<InvalidOperationException>(() => kept + 1).Message;
        },
        ["no spread"] = () =>
        {
            var logger = new LastWarning();
            OfReward(chunk => new RewardBatch(zeros(chunk.SampleCount)), logger: logger);
            return logger.Message!;
        },
    };

    public static TheoryData<string> MistakeNames => [.. Mistakes.Keys];

    [Theory]
    [MemberData(nameof(MistakeNames))]
    public void A_quoted_message_is_the_one_that_comes(string mistake) => Assert.Contains(Mistakes[mistake](), Quoted());

    [Fact]
    public void Every_quoted_message_comes() => Assert.Equal(Mistakes.Values.Select(make => make()).Order(), Quoted().Order());

    // Messages begin as sentences do; the other code in the document is names and expressions.
    private static List<string> Quoted() => [.. Document.Read("docs/rewards.md").CodeSpans.Where(code => Sentence().IsMatch(code))];

    [GeneratedRegex("^(The|Two|In|Tensor) ")]
    private static partial Regex Sentence();

    /// <summary>What a step with such a reward says; empty if it is none.</summary>
    private static string OfReward(Func<RewardChunk, RewardBatch> score, int samplesPerDecode = 32, ILogger? logger = null)
    {
        using var world = new ToyWorld();
        AlignmentTrainerBuilder builder = world.Builder(options => (options.SamplesPerDecode, options.MaximumSkippedRollouts) = (samplesPerDecode, 0)).WithReward(new Mistaken(score));
        using AlignmentTrainer trainer = (logger is null ? builder : builder.WithLogger(logger)).Build();
        return Record.Exception(() => trainer.Step())?.Message ?? "";
    }

    private static string OfDiscriminator()
    {
        string folder = Directory.CreateTempSubdirectory("vapi-docs-").FullName;
        try
        {
            using DisposeScope scope = NewDisposeScope();
            string path = Path.Combine(folder, "discriminator.safetensors");
            var tensors = new Dictionary<string, Tensor> { ["main.0.bias"] = zeros(64), ["main.11.bias"] = zeros(1) };
            foreach ((int index, int from, int to) in new[] { (0, 3, 64), (2, 64, 128), (5, 128, 256), (8, 256, 512), (11, 512, 1) })
                tensors[$"main.{index}.weight"] = zeros(to, from, 4, 4);
            foreach ((int index, int channels) in new[] { (3, 128), (6, 256), (9, 512) })
            {
                foreach (string part in new[] { "weight", "bias", "running_mean", "running_var" })
                    tensors[$"main.{index}.{part}"] = ones(channels);
            }

            Checkpoint.Save(path, tensors);
            using var world = new ToyWorld();
            using PatchGanReward reward = Reward.PatchGan(path);
            using AlignmentTrainer trainer = world.Builder().WithReward(reward).Build();
            return Assert.Throws<RewardException>(() => trainer.Step()).Message;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string OfEmbeddings()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Builder().WithReward(Reward.EmbeddingCosine(new CoarseTokenizer())).Build();
        return Assert.Throws<RewardException>(() => trainer.Step()).Message;
    }

    private sealed class Mistaken(Func<RewardChunk, RewardBatch> score) : Reward, IRewardScorer
    {
        public override string Name => "edges";

        public override RewardInputs Inputs => RewardInputs.None;

        public override IRewardScorer Prepare(Tensor? targets, Condition condition) => this;

        public RewardBatch Score(RewardChunk chunk) => score(chunk);
    }

    /// <summary>Not the tokenizer that the trainer decodes with: it makes fewer tokens of an image.</summary>
    private sealed class CoarseTokenizer : IDifferentiableTokenizer
    {
        public Tensor Codebook { get; } = ones(12, 3);

        public int CodebookSize => 12;

        public TokenLayout Layout { get; } = TokenLayout.Grid(2, 2);

        public ImageSize ImageSize => 8;

        public Tensor EncodeContinuous(Tensor images) => images.mean([2, 3]).unsqueeze(1).expand(-1, 4, -1);

        public Tensor Encode(Tensor images) => throw new NotSupportedException();

        public Tensor Decode(Tensor tokens) => throw new NotSupportedException();

        public Tensor DecodeVectors(Tensor vectors) => throw new NotSupportedException();
    }

    private sealed class LastWarning : ILogger
    {
        public string? Message { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel == LogLevel.Warning)
                Message = formatter(state, exception);
        }
    }
}
