using TorchSharp;
using VaPi.Generation;
using VaPi.Models.LlamaGen;
using VaPi.Models.Tests.Support;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.LlamaGen;

public class PolicyGenerationTests
{
    [Theory]
    [InlineData(null)]
    [InlineData(1)]
    public void Cached_generation_takes_what_the_whole_sequence_predicts(int? keyValueHeads)
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaGenPolicy policy = Toys.Policy(Toys.PolicyShape with { KeyValueHeads = keyValueHeads });
        using var condition = new ClassCondition([0, 2, 4]);
        Tensor tokens = policy.Generate(condition, new GenerationOptions { Greedy = true });
        Assert.Equal([3, Toys.Tokens], tokens.shape);
        Assert.True(tokens.unique().output.numel() > 3);
        Same.AssertExact(Toys.Logits(policy, condition, tokens).argmax(-1), tokens);
    }

    [Fact]
    public void Guidance_moves_conditional_logits_away_from_unconditional_ones()
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaGenPolicy policy = Toys.Policy();
        using var condition = new ClassCondition([0, 2, 4]);
        using Condition unconditional = condition.Unconditional();
        Tensor tokens = policy.Generate(condition, new GenerationOptions { Greedy = true, Guidance = 2.5 });
        Tensor conditional = Toys.Logits(policy, condition, tokens);
        Tensor free = Toys.Logits(policy, unconditional, tokens);
        Same.AssertExact((free + 2.5 * (conditional - free)).argmax(-1), tokens);
        Same.AssertDifferent(conditional.argmax(-1), tokens);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(-3)]
    public void Guidance_of_one_or_less_is_none(double guidance)
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaGenPolicy policy = Toys.Policy();
        using var condition = new ClassCondition([1, 3]);
        Same.AssertExact(
            policy.Generate(condition, new GenerationOptions { Greedy = true }),
            policy.Generate(condition, new GenerationOptions { Greedy = true, Guidance = guidance }));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void An_image_is_the_same_in_whatever_batch(double guidance)
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaGenPolicy policy = Toys.Policy();
        var options = new GenerationOptions { Seed = 11, Temperature = 1.5, TopK = 30, TopP = 0.95, Guidance = guidance };
        using var all = new ClassCondition([0, 1, 2, 3]);
        Tensor together = policy.Generate(all, options);
        for (int image = 0; image < 4; image++)
        {
            using Condition alone = all.Select([image]);
            Same.AssertExact(together.narrow(0, image, 1), policy.Generate(alone, options with { Seed = 11 + (ulong)image }));
        }
    }

    [Fact]
    public void Draws_follow_the_seed_alone()
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaGenPolicy policy = Toys.Policy();
        using var condition = new ClassCondition([1, 1]);
        Tensor drawn = policy.Generate(condition, new GenerationOptions { Seed = 1, Temperature = 3 });
        Same.AssertExact(drawn, policy.Generate(condition, new GenerationOptions { Seed = 1, Temperature = 3 }));
        Same.AssertDifferent(drawn, policy.Generate(condition, new GenerationOptions { Seed = 99, Temperature = 3 }));
        Same.AssertDifferent(drawn[0], drawn[1]);
    }

    [Fact]
    public void Cancelling_stops_it()
    {
        using LlamaGenPolicy policy = Toys.Policy();
        using var condition = new ClassCondition([1]);
        Assert.ThrowsAny<OperationCanceledException>(() => policy.Generate(condition, new GenerationOptions(), new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Options_out_of_range_are_all_named()
    {
        using LlamaGenPolicy policy = Toys.Policy();
        using var condition = new ClassCondition([1]);
        var options = new GenerationOptions { Guidance = double.NaN, Temperature = -1, TopK = -1, TopP = 0 };
        var exception = Assert.Throws<ArgumentException>(() => policy.Generate(condition, options));
        Assert.All(["Guidance", "Temperature", "TopK", "TopP"], name => Assert.Contains($"{name} is ", exception.Message, StringComparison.Ordinal));
    }
}
