using TorchSharp;
using TorchSharp.Modules;
using VaPi.Models.LlamaGen;
using VaPi.Models.Tests.Support;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.LlamaGen;

public class PolicyTrainingTests
{
    [Fact]
    public void Training_draws_dropout_anew_each_time()
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaGenPolicy policy = Toys.Policy(Toys.PolicyShape with { ClassDropout = 0 });
        using var condition = new ClassCondition([1, 2]);
        Tensor context = Toys.Context(2);
        Tensor first = policy.Features(condition, context, PolicyMode.Training);
        Same.AssertDifferent(first, policy.Features(condition, context, PolicyMode.Training));
        Same.AssertDifferent(first, policy.Features(condition, context, PolicyMode.Evaluation));
    }

    [Fact]
    public void Without_dropout_training_is_evaluation()
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaGenPolicy policy = Toys.Policy(Toys.PolicyShape with { Dropout = 0, ClassDropout = 0 });
        using var condition = new ClassCondition([1, 2]);
        Tensor context = Toys.Context(2);
        Same.AssertExact(policy.Features(condition, context, PolicyMode.Evaluation), policy.Features(condition, context, PolicyMode.Training));
    }

    [Fact]
    public void Class_dropout_leaves_no_class()
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaGenPolicy policy = Toys.Policy(Toys.PolicyShape with { Dropout = 0, ClassDropout = 1 });
        using var condition = new ClassCondition([1, 2]);
        using Condition unconditional = condition.Unconditional();
        Tensor context = Toys.Context(2);
        Same.AssertExact(policy.Features(unconditional, context, PolicyMode.Evaluation), policy.Features(condition, context, PolicyMode.Training));
        Same.AssertDifferent(policy.Features(unconditional, context, PolicyMode.Evaluation), policy.Features(condition, context, PolicyMode.Evaluation));
    }

    [Fact]
    public void Class_dropout_is_drawn_for_each_image_at_its_rate()
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaGenPolicy policy = Toys.Policy(Toys.PolicyShape with { Layers = 1, Dropout = 0, ClassDropout = 0.25 });
        const int images = 400;
        using var condition = new ClassCondition(Enumerable.Repeat(1L, images));
        using Condition unconditional = condition.Unconditional();
        Tensor context = Toys.Context(1).repeat(images, 1);
        Tensor trained = policy.Features(condition, context, PolicyMode.Training).select(1, 0);
        Tensor none = policy.Features(unconditional, context, PolicyMode.Evaluation).select(1, 0);
        Tensor kept = policy.Features(condition, context, PolicyMode.Evaluation).select(1, 0);
        double dropped = Share(trained, none);
        Assert.InRange(dropped, 0.12, 0.38); // six standard deviations
        Assert.Equal(1, dropped + Share(trained, kept), 6);

        static double Share(Tensor rows, Tensor of) => ((rows - of).abs().amax([1]) < 1e-4).to(ScalarType.Float64).mean().item<double>();
    }

    [Fact]
    public void Every_parameter_gets_a_gradient()
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaGenPolicy policy = Toys.Policy();
        using var condition = new ClassCondition([1, 2]);
        policy.Head(policy.Features(condition, Toys.Context(2), PolicyMode.Training)).square().mean().backward();
        Assert.All(policy.NamedParameters(), named =>
        {
            Assert.True(named.Parameter.requires_grad, named.Name);
            Assert.True(named.Parameter.grad is { } gradient && gradient.isfinite().all().item<bool>() && gradient.abs().max().item<float>() > 0, named.Name);
        });
    }

    [Theory]
    [InlineData("layers.0.attention_norm.weight", false)]
    [InlineData("layers.11.ffn_norm.weight", false)]
    [InlineData("norm.weight", false)]
    [InlineData("tok_embeddings.weight", true)]
    [InlineData("cls_embedding.embedding_table.weight", true)]
    [InlineData("layers.0.attention.wqkv.weight", true)]
    [InlineData("layers.0.feed_forward.w2.weight", true)]
    [InlineData("output.weight", true)]
    public void Everything_decays_but_norms(string name, bool decayed)
    {
        using LlamaGenPolicy policy = LlamaGenPolicy.Create(Toys.PolicyShape);
        Assert.Equal(decayed, policy.IsDecayed(name));
    }

    [Fact]
    public void A_clone_has_weights_of_its_own()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable gradients = no_grad();
        using LlamaGenPolicy policy = Toys.Policy();
        using LlamaGenPolicy clone = policy.Clone();
        using var condition = new ClassCondition([1]);
        Tensor context = Toys.Context(1);
        Tensor before = Toys.Logits(policy, condition, context);
        Same.AssertExact(before, Toys.Logits(clone, condition, context));
        foreach ((_, Parameter parameter) in clone.NamedParameters())
        {
            Assert.True(parameter.requires_grad);
            parameter.mul_(1.5);
        }

        Same.AssertExact(before, Toys.Logits(policy, condition, context));
        Same.AssertDifferent(before, Toys.Logits(clone, condition, context));
    }

    [Fact]
    public void A_reference_stays_as_the_policy_was()
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaGenPolicy policy = Toys.Policy();
        using var condition = new ClassCondition([1, 2]);
        Tensor context = Toys.Context(2);
        Tensor samples = Toys.Context(6).view(2, 3, Toys.Tokens);
        Tensor expected = (Toys.Logits(policy, condition, context) / 0.7).log_softmax(-1).unsqueeze(1).expand(-1, 3, -1, -1).gather(-1, samples.unsqueeze(-1)).squeeze(-1);
        using IReferencePolicy reference = policy.CreateReference();
        using (no_grad())
        {
            foreach ((_, Parameter parameter) in policy.NamedParameters())
                parameter.mul_(1.5);
        }

        Tensor actual = reference.LogProbabilities(condition, context, samples, 0.7, support: null);
        Assert.False(actual.requires_grad);
        Same.AssertClose(expected, actual, 1e-4);
    }
}
