using System.Runtime.InteropServices;
using TorchSharp;
using VaPi.Models.LlamaGen;
using VaPi.Models.Tests.Support;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.LlamaGen;

/// <summary>Dropout comes from the process's one generator, and memory is the process's, so nothing else may run.</summary>
[Collection(AloneCollection.Name)]
public class CheckpointedActivationTests
{
    private const int Images = 3;

    [Theory]
    [InlineData(ScalarType.Float64, PolicyMode.Evaluation, false)]
    [InlineData(ScalarType.Float32, PolicyMode.Evaluation, true)]
    [InlineData(ScalarType.Float32, PolicyMode.Training, false)]
    [InlineData(ScalarType.Float32, PolicyMode.Training, true)]
    [InlineData(ScalarType.BFloat16, PolicyMode.Training, true)]
    public void Nothing_computed_changes(ScalarType type, PolicyMode mode, bool hasCaptions)
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaGenPolicy policy = Policy(type, hasCaptions ? Toys.PolicyShape.WithCaptions(5, 12) : Toys.PolicyShape);
        using Condition condition = hasCaptions ? Captions() : new ClassCondition([1, 2, 4]);

        policy.CheckpointActivations = false;
        Result kept = Backward(policy, condition, mode);
        policy.CheckpointActivations = true;
        Result checkpointed = Backward(policy, condition, mode);

        Same.AssertExact(kept.Features, checkpointed.Features);
        Same.AssertExact(kept.Random, checkpointed.Random); // what is drawn next is the same too
        Assert.Equal(kept.Gradients.Count, checkpointed.Gradients.Count);
        Assert.All(kept.Gradients.Zip(checkpointed.Gradients), pair => Same.AssertExact(pair.First, pair.Second));
        Assert.All(kept.Gradients, gradient => Assert.True(gradient.abs().max().to(ScalarType.Float64).item<double>() > 0));
    }

    [Fact]
    public void Without_gradients_nothing_is_kept_anyway()
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaGenPolicy policy = Policy(ScalarType.Float32, Toys.PolicyShape);
        using var condition = new ClassCondition([1, 2, 4]);
        Tensor expected = Toys.Logits(policy, condition, Toys.Context(Images));
        policy.CheckpointActivations = true;

        Same.AssertExact(expected, Toys.Logits(policy, condition, Toys.Context(Images)));
        using LlamaGenPolicy clone = policy.Clone();
        Assert.True(clone.CheckpointActivations);
    }

    [Fact]
    public void Backward_passes_leave_nothing_behind()
    {
        using LlamaGenPolicy policy = Policy(ScalarType.Float32, Toys.PolicyShape.WithCaptions(5, 12));
        policy.CheckpointActivations = true;
        using Condition condition = Captions();
        void Pass()
        {
            using DisposeScope scope = NewDisposeScope();
            Backward(policy, condition, PolicyMode.Training);
        }

        Pass();
        long before = LiveTensors.Settled();
        for (int pass = 0; pass < 20; pass++)
            Pass();

        Assert.Equal(before, LiveTensors.Settled());
    }

    [Fact]
    public void An_error_in_computing_a_block_again_ends_the_backward_pass_and_not_the_process()
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaGenPolicy policy = Policy(ScalarType.Float32, Toys.PolicyShape);
        policy.CheckpointActivations = true;
        using var condition = new ClassCondition([1, 2, 4]);
        Tensor features = policy.Features(condition, Toys.Context(Images), PolicyMode.Evaluation);
        Assert.Null(policy.BackwardError);

        Tensor gone = Toys.Named(policy, "layers.0.attention.wo.weight");
        gone.Dispose();
        Assert.Throws<ExternalException>(() => features.backward([ones_like(features)]));

        Assert.IsType<InvalidOperationException>(policy.BackwardError);
        Assert.Contains("empty handle", policy.BackwardError.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Many_blocks_take_little_more_than_one()
    {
        if (!PeakMemory.IsExact)
            return;
        LlamaGenConfiguration shape = Toys.PolicyShape with { Layers = 16, Width = 128, GridSize = 16, Dropout = 0, ClassDropout = 0 };
        using LlamaGenPolicy policy = LlamaGenPolicy.Create(shape);
        using var condition = new ClassCondition([1, 2, 3, 4, 1, 2, 3, 4]);
        using Tensor context = zeros([condition.Count, shape.TokenCount], ScalarType.Int64);
        double Peak(bool checkpoint)
        {
            policy.CheckpointActivations = checkpoint;
            return PeakMemory.GrowthDuring(() =>
            {
                using DisposeScope scope = NewDisposeScope();
                Tensor features = policy.Features(condition, context, PolicyMode.Evaluation);
                features.backward([ones_like(features)]);
            });
        }

        Peak(checkpoint: true); // gradients and threads come to stay
        double checkpointed = Peak(checkpoint: true);
        double kept = Peak(checkpoint: false);

        // A block keeps some twenty tensors of its input's size, so 16 blocks twenty times what their inputs take.
        Assert.InRange(checkpointed, 0, kept / 2.5);
    }

    private static LlamaGenPolicy Policy(ScalarType type, LlamaGenConfiguration shape)
    {
        using LlamaGenPolicy source = Toys.Policy(shape);
        LlamaGenPolicy policy = LlamaGenPolicy.Create(shape, type: type);
        using IDisposable gradients = no_grad();
        foreach ((string name, var parameter) in source.NamedParameters())
            Toys.Named(policy, name).copy_(parameter);
        return policy;
    }

    private static CaptionCondition Captions()
    {
        using DisposeScope scope = NewDisposeScope();
        using var generator = new Generator(3, CPU);
        return CaptionCondition.FromCaptions([.. new[] { 5, 2, 3 }.Select(length => randn([length, 12], generator: generator))], 5);
    }

    private static Result Backward(LlamaGenPolicy policy, Condition condition, PolicyMode mode)
    {
        foreach ((_, var parameter) in policy.NamedParameters())
            parameter.grad = null;
        random.manual_seed(4);
        Tensor features = policy.Features(condition, Toys.Context(Images), mode);
        policy.Head(features).square().mean().backward();
        return new Result(features.detach(), get_rng_state(), [.. policy.NamedParameters().Select(named => named.Parameter.grad!)]);
    }

    private sealed record Result(Tensor Features, Tensor Random, List<Tensor> Gradients);
}
