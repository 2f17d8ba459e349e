using TorchSharp.Modules;
using VaPi.Checkpoints;
using VaPi.Evaluation;
using VaPi.Generation;
using VaPi.Models.LlamaGen;
using VaPi.Models.Tests.Support;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.LlamaGen;

/// <summary>What a call makes beyond its result is released by the call itself, not by the garbage collector some day.</summary>
[Collection(AloneCollection.Name)]
public sealed class OwnershipTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(PolicyMode.Evaluation)]
    [InlineData(PolicyMode.Training)]
    public void A_forward_pass_leaves_its_result_alone(PolicyMode mode)
    {
        using LlamaGenPolicy policy = Toys.Policy();
        using var condition = new ClassCondition([0, 1]);
        using Tensor context = Toys.Context(2);
        AssertLeaves(0, () =>
        {
            using Tensor features = policy.Features(condition, context, mode);
            policy.Head(features).Dispose();
        });
    }

    [Fact]
    public void Generating_leaves_nothing()
    {
        using LlamaGenPolicy policy = Toys.Policy(Toys.PolicyShape with { KeyValueHeads = 2 });
        using var condition = new ClassCondition([0, 1]);
        AssertLeaves(0, () =>
        {
            policy.Generate(condition, new GenerationOptions { Greedy = true }).Dispose();
            policy.Generate(condition, new GenerationOptions { Guidance = 2, TopK = 5, TopP = 0.9, Seed = 3 }).Dispose();
            Assert.ThrowsAny<OperationCanceledException>(() => policy.Generate(condition, new GenerationOptions { Guidance = 2 }, new CancellationToken(canceled: true)));
        });
    }

    [Fact]
    public void Making_saving_loading_and_copying_policies_leaves_nothing()
    {
        string path = _folder.File("policy.safetensors");
        AssertLeaves(Miscounted(4 * LlamaGenPolicy.Shapes(Toys.PolicyShape).Count), () =>
        {
            using (LlamaGenPolicy policy = LlamaGenPolicy.Create(Toys.PolicyShape))
            {
                policy.Save(path, ScalarType.Float16);
                policy.Clone().Dispose();
                policy.CreateReference().Dispose();
            }

            LlamaGenPolicy.Load(path, Toys.PolicyShape).Dispose();
        });
    }

    [Fact]
    public void Copies_of_policies_give_their_memory_back()
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        using LlamaGenPolicy policy = LlamaGenPolicy.Create(Toys.PolicyShape with { VocabularySize = 1 << 17 }); // 32 MB
        policy.Clone().Dispose();
        process.Refresh();
        long before = process.WorkingSet64;
        for (int copy = 0; copy < 12; copy++)
            policy.Clone().Dispose();
        process.Refresh();
        Assert.InRange(process.WorkingSet64 - before, long.MinValue, 128L << 20);
    }

    [Fact]
    public void A_load_that_fails_leaves_nothing()
    {
        string path = _folder.File("policy.safetensors");
        using (LlamaGenPolicy policy = LlamaGenPolicy.Create(Toys.PolicyShape))
            policy.Save(path);
        AssertLeaves(0, () => Assert.Throws<CheckpointException>(() => LlamaGenPolicy.Load(path, Toys.PolicyShape with { Layers = 3 })));
    }

    [Fact]
    public void A_policy_made_in_a_scope_outlives_it()
    {
        LlamaGenPolicy policy;
        using (NewDisposeScope())
            policy = LlamaGenPolicy.Create(Toys.PolicyShape);
        using var condition = new ClassCondition([0]);
        using Tensor context = Toys.Context(1);
        using (policy)
            policy.Features(condition, context, PolicyMode.Evaluation).Dispose();
    }

    [Fact]
    public void References_leave_their_result_alone()
    {
        using LlamaGenPolicy policy = Toys.Policy();
        using IReferencePolicy reference = policy.CreateReference();
        using var condition = new ClassCondition([0, 1]);
        using Tensor context = Toys.Context(2);
        using Tensor samples = Toys.Context(2).unsqueeze_(1);
        AssertLeaves(0, () => reference.LogProbabilities(condition, context, samples, 1, support: null).Dispose());
    }

    [Fact]
    public void Conditions_release_their_labels()
    {
        AssertLeaves(0, () =>
        {
            using var condition = new ClassCondition([0, 1, 2]);
            using Condition selected = condition.Select([2, 0]);
            using Condition joined = condition.Concat(selected);
            joined.To(CPU).Dispose();
            joined.Unconditional().Dispose();
        });
    }

    [Fact]
    public void Encoding_and_decoding_leave_the_codebook_at_most()
    {
        using LlamaGenTokenizer tokenizer = Toys.Tokenizer();
        using Tensor images = Toys.Images(2);
        AssertLeaves(1, () =>
        {
            using Tensor tokens = tokenizer.Encode(images);
            using Tensor vectors = tokenizer.EncodeContinuous(images);
            tokenizer.Decode(tokens).Dispose();
            tokenizer.DecodeVectors(vectors).Dispose();
        });
        AssertLeaves(-1, tokenizer.Refresh);
    }

    [Fact]
    public void Making_saving_and_loading_tokenizers_leaves_nothing()
    {
        string path = _folder.File("tokenizer.safetensors");
        AssertLeaves(Miscounted(2 * LlamaGenTokenizer.Shapes(Toys.TokenizerShape).Count), () =>
        {
            using (LlamaGenTokenizer tokenizer = Toys.Tokenizer())
            {
                tokenizer.Save(path);
                Assert.NotNull(tokenizer.Codebook);
            }

            LlamaGenTokenizer.Load(path, Toys.TokenizerShape).Dispose();
        });
    }

    [Fact]
    public void The_Frechet_distance_leaves_nothing()
    {
        using Tensor features = rand(8, 3);
        AssertLeaves(0, () => FrechetDistance.Between(features, features));
    }

    /// <summary>TorchSharp goes on counting the tensor that a parameter was made of, though nothing native is left of it.</summary>
    private static long Miscounted(int parameters)
    {
        long before = LiveTensors.Settled();
        new Parameter(zeros(1)).Dispose();
        return parameters * (Tensor.TotalCount - before);
    }

    private static void AssertLeaves(long expected, Action action)
    {
        long before = LiveTensors.Settled();
        action();
        Assert.Equal(expected, Tensor.TotalCount - before);
    }
}
