using TorchSharp;
using VaPi.Models.LlamaGen;
using VaPi.Models.LlamaGen.Costs;
using VaPi.Models.Tests.Support;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.LlamaGen.Costs;

public class PolicyOperationsTests
{
    private const int Images = 2;

    [Theory]
    [InlineData(null)]
    [InlineData(2)]
    public void A_pass_has_as_many_operations_as_the_network_makes(int? keyHeads)
    {
        using DisposeScope scope = NewDisposeScope();
        LlamaGenConfiguration shape = Toys.PolicyShape with { KeyValueHeads = keyHeads };
        using LlamaGenPolicy policy = Toys.Policy(shape);
        using var condition = new ClassCondition([0, 3]);
        Tensor context = Toys.Context(Images);
        var counted = new CountedPolicy(policy);

        Tensor logits = counted.Logits(Toys.Named(policy, "cls_embedding.embedding_table.weight")[condition.Labels].unsqueeze(1), context);

        Same.AssertClose(Toys.Logits(policy, condition, context), logits.detach(), tolerance: 1e-4);
        Assert.Equal(counted.Forward, Images * PolicyOperations.Forward(shape));
        Assert.Equal(counted.Backward, Images * PolicyOperations.Backward(shape));
        Assert.Equal(counted.Blocks, Images * PolicyOperations.Blocks(shape));
    }

    [Fact]
    public void A_pass_with_captions_too()
    {
        using DisposeScope scope = NewDisposeScope();
        LlamaGenConfiguration shape = Toys.PolicyShape.WithCaptions(places: 5, width: 12);
        using LlamaGenPolicy policy = Toys.Policy(shape);
        Tensor features = randn(Images, 5, 12);
        using var condition = new CaptionCondition(features.clone(), ones([Images, 5], ScalarType.Bool));
        Tensor context = Toys.Context(Images);
        var counted = new CountedPolicy(policy);

        Tensor logits = counted.Logits(features, context);

        Same.AssertClose(Toys.Logits(policy, condition, context), logits.detach(), tolerance: 1e-4);
        Assert.Equal(counted.Forward, Images * PolicyOperations.Forward(shape));
        Assert.Equal(counted.Backward, Images * PolicyOperations.Backward(shape));
        Assert.Equal(counted.Blocks, Images * PolicyOperations.Blocks(shape));
    }

    // GPT-B: 12 layers, D = 768, F = 2048 (8/3 D), S = T = 256 (one class, 255 tokens), V = 16384.
    // Blocks: D 3 D + D D + 3 D F = 1,769,472 + 589,824 + 4,718,592 = 7,077,888 weights each; 2 x 12 x 256 x 7,077,888 = 43,486,543,872.
    // Attention: 256 x 257 / 2 = 32,896 pairs; 12 layers x 4 x 768 x 32,896 = 1,212,678,144.
    // Head: 2 x 256 x 768 x 16,384 = 6,442,450,944.
    [Fact]
    public void The_smallest_published_size_costs_what_the_arithmetic_by_hand_says()
    {
        LlamaGenConfiguration shape = LlamaGenConfiguration.Of(LlamaGenSize.B, gridSize: 16);

        Assert.Equal(43_486_543_872, PolicyOperations.Linear(shape));
        Assert.Equal(1_212_678_144, PolicyOperations.Attention(shape));
        Assert.Equal(6_442_450_944, PolicyOperations.Head(shape));
        Assert.Equal(51_141_672_960, PolicyOperations.Forward(shape));
        Assert.Equal(102_283_345_920, PolicyOperations.Backward(shape));
    }

    // Everything but embeddings, norms and the head is multiplied at each position, the head at each token.
    [Theory]
    [InlineData(LlamaGenSize.B, 16)]
    [InlineData(LlamaGenSize.XXL, 24)]
    [InlineData(LlamaGenSize.Billion7, 32)]
    public void Linear_layers_cost_twice_their_weights_a_position(LlamaGenSize size, int gridSize)
    {
        LlamaGenConfiguration shape = LlamaGenConfiguration.Of(size, gridSize);
        long weights = LlamaGenPolicy.Shapes(shape)
            .Where(tensor => tensor.Shape.Length == 2 && !tensor.Name.Contains("embedding", StringComparison.Ordinal))
            .Sum(tensor => tensor.Count);
        long tokens = gridSize * gridSize;

        Assert.Equal(2 * tokens * weights, PolicyOperations.Linear(shape) + PolicyOperations.Head(shape));
    }
}
