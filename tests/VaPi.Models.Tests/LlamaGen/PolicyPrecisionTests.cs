using TorchSharp;
using VaPi.Generation;
using VaPi.Models.LlamaGen;
using VaPi.Models.Tests.Support;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.LlamaGen;

public class PolicyPrecisionTests
{
    [Theory]
    [InlineData(ScalarType.BFloat16, ScalarType.Float32)]
    [InlineData(ScalarType.Float16, ScalarType.Float32)]
    [InlineData(ScalarType.Float16, ScalarType.BFloat16)]
    [InlineData(ScalarType.Float32, ScalarType.BFloat16)]
    [InlineData(ScalarType.BFloat16, ScalarType.Float64)]
    public void Weights_of_any_type_load_into_any(ScalarType stored, ScalarType loadedAs)
    {
        using var folder = new TemporaryFolder();
        using DisposeScope scope = NewDisposeScope();
        using LlamaGenPolicy policy = Toys.Policy();
        string path = folder.File("policy.pt");
        policy.Save(path, stored);

        using LlamaGenPolicy loaded = LlamaGenPolicy.Load(path, Toys.PolicyShape, type: loadedAs);

        foreach ((string name, var parameter) in policy.NamedParameters())
        {
            Tensor value = Toys.Named(loaded, name);
            Assert.Equal(loadedAs, value.dtype);
            Same.AssertExact(parameter.to(stored).to(loadedAs), value);
        }
    }

    [Fact]
    public void In_bfloat16_it_computes_nearly_the_same_and_generates()
    {
        using var folder = new TemporaryFolder();
        using DisposeScope scope = NewDisposeScope();
        using LlamaGenPolicy policy = Toys.Policy();
        policy.Save(folder.File("policy.safetensors"));
        using LlamaGenPolicy half = LlamaGenPolicy.Load(folder.File("policy.safetensors"), Toys.PolicyShape, type: ScalarType.BFloat16);
        using var condition = new ClassCondition([0, 2, 4]);
        Tensor expected = Toys.Logits(policy, condition, Toys.Context(3));
        Tensor logits = Toys.Logits(half, condition, Toys.Context(3));

        Assert.Equal(ScalarType.Float32, logits.dtype);
        Assert.InRange(((logits - expected).norm() / expected.norm()).item<float>(), 1e-5, 0.03);
        Assert.Equal([3, Toys.Tokens], half.Generate(condition, new GenerationOptions { Seed = 1, TopK = 10, Guidance = 2 }).shape);
    }

    [Fact]
    public void In_bfloat16_gradients_are_nearly_the_same()
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaGenPolicy policy = Toys.Policy();
        using LlamaGenPolicy half = LlamaGenPolicy.Create(Toys.PolicyShape, type: ScalarType.BFloat16);
        using (no_grad())
        {
            foreach ((string name, var parameter) in policy.NamedParameters())
                parameter.copy_(Toys.Named(half, name).copy_(parameter));
        }

        using var condition = new ClassCondition([0, 2, 4]);
        Tensor truth = Toys.Context(3, seed: 9);
        Tensor Gradients(LlamaGenPolicy of)
        {
            Tensor logits = of.Head(of.Features(condition, Toys.Context(3), PolicyMode.Evaluation));
            logits.log_softmax(-1).gather(-1, truth.unsqueeze(-1)).mean().neg().backward();
            return cat([.. of.NamedParameters().Select(named => named.Parameter.grad!.flatten().to(ScalarType.Float32))]);
        }

        Tensor expected = Gradients(policy);
        Assert.InRange(((Gradients(half) - expected).norm() / expected.norm()).item<float>(), 1e-4, 0.05);
    }

    [Fact]
    public void Another_type_is_refused()
    {
        var exception = Assert.Throws<ArgumentException>(() => LlamaGenPolicy.Create(Toys.PolicyShape, type: ScalarType.Int64));

        Assert.Contains("Int64", exception.Message, StringComparison.Ordinal);
    }
}
