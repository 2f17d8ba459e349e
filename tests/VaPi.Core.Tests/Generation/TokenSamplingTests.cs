using TorchSharp;
using VaPi.Generation;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Generation;

public class TokenSamplingTests
{
    private const int Vocabulary = 30;

    [Fact]
    public void An_image_is_drawn_the_same_in_whatever_batch_it_sits()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = Logits(5);
        for (int position = 0; position < 20; position++)
        {
            Tensor batch = TokenSampling.Next(logits, new GenerationOptions { Seed = 100, TopK = 20 }, position);
            for (int row = 0; row < 5; row++)
            {
                Tensor alone = TokenSampling.Next(logits.narrow(0, row, 1), new GenerationOptions { Seed = 100 + (ulong)row, TopK = 20 }, position);
                Assert.Equal(batch[row].item<long>(), alone[0].item<long>());
            }
        }
    }

    [Fact]
    public void Draws_differ_between_positions_and_between_seeds()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = zeros(1, Vocabulary);
        long[] Drawn(ulong seed) => [.. Enumerable.Range(0, 30).Select(position => TokenSampling.Next(logits, new GenerationOptions { Seed = seed }, position).item<long>())];

        Assert.True(Drawn(1).Distinct().Count() > 10);
        Assert.NotEqual(Drawn(1), Drawn(2));
        Assert.Equal(Drawn(1), Drawn(1));
    }

    [Fact]
    public void Frequencies_follow_the_softmax_at_the_temperature()
    {
        using DisposeScope scope = NewDisposeScope();
        const int draws = 20_000;
        Tensor logits = tensor(new[] { 0f, MathF.Log(3) }).expand(draws, 2);

        Tensor drawn = TokenSampling.Next(logits, new GenerationOptions { Temperature = 0.5, Seed = 6 }, 0);

        // 9/10 at temperature 1/2, within four standard deviations.
        Assert.Equal(0.9, drawn.to(ScalarType.Float64).mean().item<double>(), 4 * Math.Sqrt(0.09 / draws));
    }

    [Fact]
    public void Greedy_and_a_temperature_of_zero_take_the_likeliest()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = Logits(8);

        Expect.Identical(logits.argmax(-1), TokenSampling.Next(logits, new GenerationOptions { Greedy = true }, 3));
        Expect.Identical(logits.argmax(-1), TokenSampling.Next(logits, new GenerationOptions { Temperature = 0 }, 3));
    }

    [Fact]
    public void Only_what_the_filters_leave_is_drawn()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = Logits(1).expand(500, Vocabulary);
        (_, Tensor likeliest) = logits[0].topk(3);

        Tensor drawn = TokenSampling.Next(logits, new GenerationOptions { TopK = 3, Temperature = 3 }, 0);

        Assert.Equal(likeliest.data<long>().ToArray().Order(), drawn.data<long>().ToArray().Distinct().Order());
    }

    [Fact]
    public void Filtering_leaves_its_input_alone_and_gives_a_tensor_of_its_own()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = tensor(new[] { 1f, 3f, 2f });

        Tensor filtered = TokenSampling.Filter(logits, 2, 1);
        Tensor whole = TokenSampling.Filter(logits, 0, 1);
        whole.zero_();

        Assert.Equal([float.NegativeInfinity, 3f, 2f], filtered.data<float>().ToArray());
        Assert.Equal([1f, 3f, 2f], logits.data<float>().ToArray());
    }

    private static Tensor Logits(int rows)
    {
        using var generator = new Generator(14, CPU);
        return randn([rows, Vocabulary], generator: generator);
    }
}
