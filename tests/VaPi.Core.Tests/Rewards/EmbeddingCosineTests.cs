using TorchSharp;
using VaPi.Alignment;
using VaPi.Rewards;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Rewards;

public class EmbeddingCosineTests
{
    private const int Tokens = 4;
    private const int Width = 3;
    private const int Rows = 5;

    [Fact]
    public void It_is_the_cosine_of_all_positions_vectors_end_to_end_less_one()
    {
        using DisposeScope scope = NewDisposeScope();
        var tokenizer = new Embeddings();
        (Tensor targets, Tensor tokens) = Draws();

        using RewardBatch scored = Scored(tokenizer, targets, tokens);

        // Three samples each of the images 1 and 2, one number at a time.
        float[] codebook = tokenizer.Codebook.data<float>().ToArray();
        float[] encoded = tokenizer.EncodeContinuous(targets).data<float>().ToArray();
        long[] drawn = tokens.data<long>().ToArray();
        for (int sample = 0; sample < 6; sample++)
        {
            (double product, double ofSample, double ofTarget) = (0, 0, 0);
            for (int index = 0; index < Tokens * Width; index++)
            {
                double row = codebook[drawn[(sample * Tokens) + (index / Width)] * Width + (index % Width)];
                double original = encoded[((1 + (sample / 3)) * Tokens * Width) + index];
                product += row * original;
                ofSample += row * row;
                ofTarget += original * original;
            }

            Assert.Equal(product / Math.Sqrt(ofSample * ofTarget) - 1, scored.Values[sample].item<float>(), 1e-6);
        }

        Assert.Equal(["embedding cosine"], scored.Components.Keys);
    }

    [Fact]
    public void An_embedding_of_zero_has_no_direction_and_is_no_error()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor targets, Tensor tokens) = Draws();

        using RewardBatch ofZeroImages = Scored(new Embeddings(), targets * 0, tokens);
        using RewardBatch ofZeroRows = Scored(new Embeddings { Codebook = zeros(Rows, Width) }, targets, tokens);

        Assert.All(ofZeroImages.Values.data<float>().ToArray(), value => Assert.Equal(-1, value));
        Assert.All(ofZeroRows.Values.data<float>().ToArray(), value => Assert.Equal(-1, value));
    }

    [Fact]
    public void Originals_are_encoded_once_a_batch()
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor targets, Tensor tokens) = Draws();
        var tokenizer = new Embeddings();
        using IRewardScorer scorer = Reward.EmbeddingCosine(tokenizer).Prepare(targets, new NoCondition(3));

        for (int chunk = 0; chunk < 3; chunk++)
            scorer.Score(Chunk(tokens)).Dispose();

        Assert.Equal(1, tokenizer.Encodings);
    }

    [Theory]
    [InlineData(Rows, 0, 5)]
    [InlineData(-1, -1, 4)]
    [InlineData(long.MaxValue, 0, long.MaxValue)]
    public void A_token_that_the_codebook_does_not_have_is_named(long token, long least, long most)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor tokens = tensor(new long[] { 0, 1, 2, 3, 4, 3, 2, token, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3 }, [6, Tokens]);

        var exception = Assert.Throws<RewardException>(() => Scored(new Embeddings(), zeros(3, Tokens * Width), tokens));

        Assert.Contains($"tokens go from {least} to {most}, but its tokenizer's codebook has the rows 0 to 4. Give it the tokenizer", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_number_of_tokens_is_named()
    {
        using DisposeScope scope = NewDisposeScope();

        var exception = Assert.Throws<RewardException>(() => Scored(new Embeddings(), zeros(3, Tokens * Width), zeros([6, 9], ScalarType.Int64)));

        Assert.Contains("the samples have 9 tokens each, but its tokenizer makes 4", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_encoding_of_the_wrong_shape_is_named()
    {
        using DisposeScope scope = NewDisposeScope();
        var tokenizer = new Embeddings { Codebook = zeros(Rows, Width + 1) };

        var exception = Assert.Throws<RewardException>(() => Reward.EmbeddingCosine(tokenizer).Prepare(zeros(3, Tokens * Width), new NoCondition(3)));

        Assert.Contains("gave a tensor of shape (3, 4, 3) where (3, 4, 4) was due", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_needs_originals_tokens_and_a_tokenizer()
    {
        Reward reward = Reward.EmbeddingCosine(new Embeddings());

        Assert.Equal(RewardInputs.Targets | RewardInputs.Tokens, reward.Inputs);
        Assert.Throws<RewardException>(() => reward.Prepare(null, new NoCondition(1)));
        Assert.Throws<ArgumentNullException>(() => Reward.EmbeddingCosine(null!));
    }

    [Fact]
    public void The_trainer_gives_it_what_it_needs()
    {
        using var world = new ToyWorld();
        using var tokenizer = new ColourEmbeddings(world.Tokenizer);
        using AlignmentTrainer trainer = world
            .Builder(options => options.SamplesPerDecode = 3)
            .WithReward(Reward.EmbeddingCosine(tokenizer))
            .Build();

        double[] rewards = [.. Enumerable.Range(0, 3).Select(_ => trainer.Step().Reward.Mean)];

        Assert.All(rewards, reward => Assert.InRange(reward, -2, -1e-3));
    }

    private static (Tensor Targets, Tensor Tokens) Draws()
    {
        using var generator = new Generator(21, CPU);
        return (randn(3, Tokens * Width, generator: generator), randint(0, Rows, [6, Tokens], ScalarType.Int64, generator: generator));
    }

    private static RewardChunk Chunk(Tensor tokens) => new(zeros(6, 3, 2, 2), tokens, TokenLayout.Sequence((int)tokens.shape[1]), FirstImage: 1, ImageCount: 2);

    private static RewardBatch Scored(Embeddings tokenizer, Tensor targets, Tensor tokens)
    {
        using IRewardScorer scorer = Reward.EmbeddingCosine(tokenizer).Prepare(targets, new NoCondition(3));
        return scorer.Score(Chunk(tokens));
    }

    /// <summary>"Images" that are their own encoding, laid flat.</summary>
    private sealed class Embeddings : IDifferentiableTokenizer
    {
        public int Encodings { get; private set; }

        public Tensor Codebook { get; init; } = arange(Rows * Width, ScalarType.Float32).sin().view(Rows, Width);

        public int CodebookSize => Rows;

        public TokenLayout Layout { get; } = TokenLayout.Sequence(Tokens);

        public ImageSize ImageSize => 2;

        public Tensor EncodeContinuous(Tensor images)
        {
            Encodings++;
            return images.view(-1, Tokens, Width);
        }

        public Tensor Encode(Tensor images) => throw new NotSupportedException();

        public Tensor Decode(Tensor tokens) => throw new NotSupportedException();

        public Tensor DecodeVectors(Tensor vectors) => throw new NotSupportedException();
    }

    /// <summary>The toy tokenizer with its colours, as decoding shows them, for a codebook.</summary>
    private sealed class ColourEmbeddings : IDifferentiableTokenizer, IDisposable
    {
        private readonly ToyTokenizer _inner;

        public ColourEmbeddings(ToyTokenizer inner)
        {
            _inner = inner;
            using DisposeScope scope = NewDisposeScope();
            Tensor flat = inner.Decode(arange(inner.CodebookSize).unsqueeze(1).expand(-1, inner.Layout.TokenCount)); // (V, 3, H, W)
            Codebook = flat.mean([2, 3]).DetachFromDisposeScope();
        }

        public Tensor Codebook { get; }

        public int CodebookSize => _inner.CodebookSize;

        public TokenLayout Layout => _inner.Layout;

        public ImageSize ImageSize => _inner.ImageSize;

        public Tensor Encode(Tensor images) => _inner.Encode(images);

        public Tensor EncodeContinuous(Tensor images) => nn.functional.avg_pool2d(images, ImageSize.Height / Layout.Stages[0].Height).flatten(2).transpose(1, 2);

        public Tensor Decode(Tensor tokens) => _inner.Decode(tokens);

        public Tensor DecodeVectors(Tensor vectors) => throw new NotSupportedException();

        public void Dispose() => Codebook.Dispose();
    }
}
