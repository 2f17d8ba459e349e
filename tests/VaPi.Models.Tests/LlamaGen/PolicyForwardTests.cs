using TorchSharp;
using TorchSharp.Modules;
using VaPi.Models.LlamaGen;
using VaPi.Models.Tests.Support;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.LlamaGen;

public class PolicyForwardTests
{
    [Fact]
    public void Features_and_logits_have_the_contracts_shapes_and_type()
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaGenPolicy policy = Toys.Policy();
        using var condition = new ClassCondition([0, 4, ClassCondition.NoClass]);
        Tensor features = policy.Features(condition, Toys.Context(3), PolicyMode.Evaluation);
        Tensor logits = policy.Head(features.narrow(1, 2, 5));
        Assert.Equal([3, Toys.Tokens, 32], features.shape);
        Assert.Equal([3, 5, Toys.Vocabulary], logits.shape);
        Assert.Equal(ScalarType.Float32, logits.dtype);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(14)]
    [InlineData(15)]
    public void A_position_sees_only_the_tokens_before_it(int changedFrom)
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaGenPolicy policy = Toys.Policy();
        using var condition = new ClassCondition([1, 2]);
        Tensor context = Toys.Context(2);
        Tensor changed = context.clone();
        changed.narrow(1, changedFrom, Toys.Tokens - changedFrom).add_(1).remainder_(Toys.Vocabulary);
        Tensor before = Toys.Logits(policy, condition, context);
        Tensor after = Toys.Logits(policy, condition, changed);
        Same.AssertClose(before.narrow(1, 0, changedFrom + 1), after.narrow(1, 0, changedFrom + 1));
        for (int position = changedFrom + 1; position < Toys.Tokens; position++)
            Same.AssertDifferent(before.select(1, position), after.select(1, position));
    }

    [Fact]
    public void Images_of_a_batch_do_not_see_each_other()
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaGenPolicy policy = Toys.Policy();
        using var condition = new ClassCondition([1, 2, 3]);
        using Condition second = condition.Select([1]);
        Tensor context = Toys.Context(3);
        Same.AssertClose(Toys.Logits(policy, condition, context).narrow(0, 1, 1), Toys.Logits(policy, second, context.narrow(0, 1, 1)));
    }

    [Fact]
    public void Grouped_keys_and_values_are_those_of_heads_repeated()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable gradients = no_grad();
        LlamaGenConfiguration shape = Toys.PolicyShape;
        using LlamaGenPolicy grouped = Toys.Policy(shape with { KeyValueHeads = 2 });
        using LlamaGenPolicy repeated = LlamaGenPolicy.Create(shape);
        foreach ((string name, Parameter parameter) in grouped.NamedParameters())
            Toys.Named(repeated, name).copy_(name.Contains("wqkv", StringComparison.Ordinal) ? Repeated(parameter) : parameter);

        using var condition = new ClassCondition([0, 3]);
        Tensor context = Toys.Context(2);
        Same.AssertClose(Toys.Logits(repeated, condition, context), Toys.Logits(grouped, condition, context), 1e-4);
        Assert.Equal([(4 + 2 * 2) * 8, 32], Toys.Named(grouped, "layers.0.attention.wqkv.weight").shape);

        // Queries as they are; each of the two key and value heads twice in a row.
        static Tensor Repeated(Tensor rows) => cat([rows.narrow(0, 0, 32), Twice(rows.narrow(0, 32, 16)), Twice(rows.narrow(0, 48, 16))]);
        static Tensor Twice(Tensor heads) => heads.view(2, 8, 32).repeat_interleave(2, dim: 0).reshape(32, 32);
    }

    [Fact]
    public void No_class_is_the_last_row_of_the_table()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable gradients = no_grad();
        using LlamaGenPolicy policy = Toys.Policy();
        Parameter table = Toys.Named(policy, "cls_embedding.embedding_table.weight");
        using var condition = new ClassCondition([ClassCondition.NoClass, 2]);
        using Condition unconditional = condition.Unconditional();
        Tensor context = Toys.Context(2);
        Tensor before = Toys.Logits(policy, condition, context);
        Same.AssertClose(before.narrow(0, 0, 1), Toys.Logits(policy, unconditional, context).narrow(0, 0, 1));

        table[Toys.Classes] = table[2];
        Tensor asClass2 = Toys.Logits(policy, unconditional, context);
        Same.AssertDifferent(before.narrow(0, 0, 1), asClass2.narrow(0, 0, 1));
        Same.AssertClose(before.narrow(0, 1, 1), asClass2.narrow(0, 1, 1));
    }

    [Fact]
    public void A_new_policy_is_decided_by_its_seed_and_predicts_all_tokens_alike()
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaGenPolicy policy = LlamaGenPolicy.Create(Toys.PolicyShape, seed: 5);
        using LlamaGenPolicy again = LlamaGenPolicy.Create(Toys.PolicyShape, seed: 5);
        using LlamaGenPolicy other = LlamaGenPolicy.Create(Toys.PolicyShape, seed: 6);
        foreach ((string name, Parameter parameter) in policy.NamedParameters())
            Same.AssertExact(parameter, Toys.Named(again, name));
        Same.AssertDifferent(Toys.Named(policy, "tok_embeddings.weight"), Toys.Named(other, "tok_embeddings.weight"));
        using var condition = new ClassCondition([1]);
        Assert.Equal(0f, Toys.Logits(policy, condition, Toys.Context(1)).abs().max().item<float>());
    }
}
