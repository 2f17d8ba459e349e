using TorchSharp;
using VaPi.Compute;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Compute;

public class GroupSamplingTests
{
    private const int Vocabulary = 8;

    private static readonly double[] Logits = [0.3, -1.2, 1.5, 0.0, double.NegativeInfinity, -2.0, 0.8, 0.3];

    [Theory]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Float16)]
    public void Logits_of_16_bits_are_refused(ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor features = zeros([2, 5, 11], type);

        InvalidOperationException error = Assert.Throws<InvalidOperationException>(
            () => GroupSampling.Draw(head: narrowed => narrowed.alias(), features, rand([2, 5, 4]), truth: null, temperature: 1, topK: 0, topP: 1, chunkLength: 2));

        Assert.Contains($"{type}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.5)]
    [InlineData(2.0)]
    public void Frequencies_match_the_softmax(double temperature)
    {
        using DisposeScope scope = NewDisposeScope();
        const int draws = 40_000;

        GroupSample sample = Draw(temperature, 0, 1, draws);

        double[] probabilities = Softmax(Logits.Select(logit => logit / temperature));
        double chiSquare = 0;
        for (int token = 0; token < Vocabulary; token++)
        {
            long count = (sample.Tokens == token).sum().item<long>();
            if (probabilities[token] == 0)
                Assert.Equal(0, count);
            else
                chiSquare += Math.Pow(count - draws * probabilities[token], 2) / (draws * probabilities[token]);
        }

        // The 99.9 % quantile of chi-square with the 6 degrees of freedom of 7 possible tokens.
        Assert.InRange(chiSquare, 0, 22.46);
    }

    [Theory]
    [InlineData(0, 1.0)]
    [InlineData(3, 1.0)]
    [InlineData(0, 0.6)]
    [InlineData(5, 0.6)]
    public void Entropy_and_log_probabilities_are_those_of_the_distribution_drawn_from(int topK, double topP)
    {
        using DisposeScope scope = NewDisposeScope();

        GroupSample sample = Draw(0.9, topK, topP, 64);

        Tensor scaled = tensor(Logits) / 0.9;
        Tensor support = LogitFilter.Support(scaled, topK, topP) ?? ones_like(scaled, ScalarType.Bool);
        Tensor log = scaled.masked_fill(support.logical_not(), double.NegativeInfinity).log_softmax(-1);
        double[] allowed = log.exp().data<double>().ToArray();
        double entropy = -allowed.Where(probability => probability > 0).Sum(probability => probability * Math.Log(probability));
        Assert.Equal(entropy, sample.Entropy.item<double>(), 1e-12);
        Expect.Close(log.index_select(0, sample.Tokens.flatten()).view(sample.Tokens.shape), sample.LogProbabilities, 1e-12);
        if (topK == 0 && topP == 1)
            Assert.Null(sample.Support);
        else
            Assert.True(sample.Support!.gather(-1, sample.Tokens.transpose(1, 2)).all().item<bool>());
    }

    [Fact]
    public void Draws_do_not_depend_on_chunks_or_on_the_other_images()
    {
        using DisposeScope scope = NewDisposeScope();
        using var generator = new Generator(3, CPU);
        Tensor features = randn([3, 10, Vocabulary], generator: generator);
        Tensor uniforms = rand([3, 10, 6], generator: generator);
        GroupSample whole = GroupSampling.Draw(input => input * 1, features, uniforms, null, 1, 4, 1, 100);

        GroupSample chunked = GroupSampling.Draw(input => input * 1, features, uniforms, null, 1, 4, 1, 3);
        GroupSample alone = GroupSampling.Draw(input => input * 1, features.narrow(0, 1, 1), uniforms.narrow(0, 1, 1), null, 1, 4, 1, 100);

        Expect.Identical(whole.Tokens, chunked.Tokens);
        Expect.Identical(whole.Support!, chunked.Support!);
        Expect.Close(whole.LogProbabilities, chunked.LogProbabilities, 1e-6);
        Expect.Identical(whole.Tokens.narrow(0, 1, 1), alone.Tokens);
    }

    [Fact]
    public void The_largest_uniform_number_never_draws_a_token_of_probability_zero()
    {
        using DisposeScope scope = NewDisposeScope();
        using var generator = new Generator(4, CPU);

        // Every row ends in tokens of probability zero, and sums to a little more or less than one.
        Tensor probabilities = randn([2000, 50], generator: generator).softmax(-1);
        probabilities = cat([probabilities * (1 + 1e-6 * randn([2000, 1], generator: generator)), zeros([2000, 5])], 1);
        Tensor uniforms = full([2000, 1], 1 - Math.Pow(2, -24));

        Tensor drawn = TokenDraw.ByInverse(probabilities, uniforms);

        Assert.True(probabilities.gather(-1, drawn).min().item<float>() > 0);
    }

    [Fact]
    public void A_uniform_number_of_zero_skips_leading_tokens_of_probability_zero()
    {
        using DisposeScope scope = NewDisposeScope();

        Tensor drawn = TokenDraw.ByInverse(tensor(new[] { 0f, 0f, 0.25f, 0.75f }, [1, 4]), tensor(new[] { 0f, 0.25f, 0.2499f, 0.9999f }, [1, 4]));

        Assert.Equal([2, 3, 2, 3], drawn.data<long>().ToArray());
    }

    private static GroupSample Draw(double temperature, int topK, double topP, int draws)
    {
        using var generator = new Generator(2, CPU);
        Tensor uniforms = rand([1, 2, draws / 2], generator: generator);
        Tensor logits = tensor(Logits).expand(1, 2, Vocabulary);
        return GroupSampling.Draw(features => features * 1, logits, uniforms, null, temperature, topK, topP, chunkLength: 1);
    }

    private static double[] Softmax(IEnumerable<double> logits)
    {
        double[] exponentials = [.. logits.Select(Math.Exp)];
        return [.. exponentials.Select(exponential => exponential / exponentials.Sum())];
    }
}
