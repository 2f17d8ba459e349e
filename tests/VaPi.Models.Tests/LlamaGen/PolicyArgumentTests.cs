using TorchSharp;
using VaPi.Generation;
using VaPi.Models.LlamaGen;
using VaPi.Models.Tests.Support;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.LlamaGen;

public sealed class PolicyArgumentTests : IDisposable
{
    private readonly LlamaGenPolicy _policy = Toys.Policy();

    public void Dispose() => _policy.Dispose();

    [Fact]
    public void A_condition_of_another_kind_is_named()
    {
        using DisposeScope scope = NewDisposeScope();
        using var condition = new CaptionCondition(zeros(2, 3, 4), ones(2, 3).to(ScalarType.Bool));
        Tensor context = Toys.Context(2);
        foreach (Func<Tensor> call in Calls(condition, context))
        {
            var exception = Assert.Throws<ArgumentException>(call);
            Assert.Contains("CaptionCondition", exception.Message, StringComparison.Ordinal);
            Assert.Contains("ClassCondition", exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void No_condition_is_no_class()
    {
        using DisposeScope scope = NewDisposeScope();
        using var nothing = new NoCondition(2);
        using var noClass = new ClassCondition([ClassCondition.NoClass, ClassCondition.NoClass]);
        Tensor context = Toys.Context(2);

        Assert.True(_policy.Features(nothing, context, PolicyMode.Evaluation).equal(_policy.Features(noClass, context, PolicyMode.Evaluation)).all().item<bool>());
        Assert.Equal([2, Toys.Tokens], _policy.Generate(nothing, new GenerationOptions { Greedy = true, Guidance = 2 }).shape);
    }

    [Fact]
    public void A_token_that_there_is_not_is_named_with_those_that_there_are()
    {
        using DisposeScope scope = NewDisposeScope();
        using var condition = new ClassCondition([0, 1]);
        Tensor context = Toys.Context(2);
        context[1, 3] = Toys.Vocabulary;

        var exception = Assert.Throws<ArgumentException>(() => _policy.Features(condition, context, PolicyMode.Evaluation));

        Assert.Contains($"Tokens must be 0 to {Toys.Vocabulary - 1}; they are ", exception.Message, StringComparison.Ordinal);
        Assert.Contains($"to {Toys.Vocabulary}.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_disposed_policy_says_so()
    {
        using DisposeScope scope = NewDisposeScope();
        using var condition = new ClassCondition([0, 1]);
        LlamaGenPolicy policy = Toys.Policy();
        policy.Dispose();
        policy.Dispose();

        Assert.Throws<ObjectDisposedException>(() => policy.Features(condition, Toys.Context(2), PolicyMode.Evaluation));
        Assert.Throws<ObjectDisposedException>(() => policy.Head(zeros(1, 1, 32)));
        Assert.Throws<ObjectDisposedException>(() => policy.Generate(condition, new GenerationOptions()));
        Assert.Throws<ObjectDisposedException>(() => policy.NamedParameters().Count());
        Assert.Throws<ObjectDisposedException>(() => policy.Clone());
        Assert.Throws<ObjectDisposedException>(() => policy.Save("policy.safetensors"));
        Assert.False(File.Exists("policy.safetensors"));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(1000)]
    public void An_unknown_class_is_named_with_the_known_ones(long label)
    {
        using DisposeScope scope = NewDisposeScope();
        using var condition = new ClassCondition([0, label]);
        Tensor context = Toys.Context(2);
        foreach (Func<Tensor> call in Calls(condition, context))
        {
            var exception = Assert.Throws<ArgumentException>(call);
            Assert.Contains($"label {label}", exception.Message, StringComparison.Ordinal);
            Assert.Contains("0 to 4", exception.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_selection_without_the_unknown_class_is_fine()
    {
        using DisposeScope scope = NewDisposeScope();
        using var condition = new ClassCondition([0, 5]);
        using Condition known = condition.Select([0]);
        using Condition unconditional = condition.Unconditional();
        Assert.Equal([1, Toys.Tokens, 32], _policy.Features(known, Toys.Context(1), PolicyMode.Evaluation).shape);
        Assert.Equal([2, Toys.Tokens, 32], _policy.Features(unconditional, Toys.Context(2), PolicyMode.Evaluation).shape);
    }

    [Fact]
    public void An_unknown_class_is_still_found_after_joining_and_copying()
    {
        using DisposeScope scope = NewDisposeScope();
        using var left = new ClassCondition([0]);
        using var right = new ClassCondition([7]);
        using Condition joined = left.Concat(right);
        using Condition copied = joined.To(CPU);
        Assert.Equal(7, ((ClassCondition)copied).LargestLabel);
        Assert.Throws<ArgumentException>(() => _policy.Features(copied, Toys.Context(2), PolicyMode.Evaluation));
    }

    [Fact]
    public void A_label_below_no_class_is_refused_at_once()
    {
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => new ClassCondition([0, -2]));
        Assert.Contains("-2", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, 15)] // too short
    [InlineData(2, 17)] // too long
    [InlineData(3, 16)] // of another count
    public void A_context_of_another_shape_is_named_with_the_right_one(long images, long tokens)
    {
        using DisposeScope scope = NewDisposeScope();
        using var condition = new ClassCondition([0, 1]);
        var exception = Assert.Throws<ArgumentException>(() => _policy.Features(condition, zeros([images, tokens], ScalarType.Int64), PolicyMode.Evaluation));
        Assert.Contains("(2, 16)", exception.Message, StringComparison.Ordinal);
        Assert.Contains($"({images}, {tokens})", exception.Message, StringComparison.Ordinal);
    }

    private Func<Tensor>[] Calls(Condition condition, Tensor context) =>
    [
        () => _policy.Features(condition, context, PolicyMode.Evaluation),
        () => _policy.Generate(condition, new GenerationOptions { Greedy = true }),
        () => _policy.Generate(condition, new GenerationOptions { Greedy = true, Guidance = 2 }),
    ];
}
