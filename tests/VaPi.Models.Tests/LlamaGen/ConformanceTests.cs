using TorchSharp.Modules;
using VaPi.Conformance;
using VaPi.Models.LlamaGen;
using VaPi.Models.Tests.Support;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.LlamaGen;

/// <summary>The library's own models pass the checks that it offers for those of others.</summary>
[Collection(AloneCollection.Name)]
public class ConformanceTests
{
    [Theory]
    [InlineData(ScalarType.Float32, false)]
    [InlineData(ScalarType.BFloat16, false)]
    [InlineData(ScalarType.Float32, true)]
    public void The_policy_keeps_its_contract(ScalarType type, bool checkpointActivations)
    {
        using LlamaGenPolicy single = Toys.Policy();
        using LlamaGenPolicy policy = type == ScalarType.Float32 ? Toys.Policy() : LlamaGenPolicy.Create(Toys.PolicyShape, type: type);
        policy.CheckpointActivations = checkpointActivations;
        using (no_grad())
        {
            foreach ((Parameter to, Parameter from) in policy.NamedParameters().Zip(single.NamedParameters(), (to, from) => (to.Parameter, from.Parameter)))
                to.copy_(from);
        }

        using var condition = new ClassCondition([1, ClassCondition.NoClass]);
        ConformanceReport report = PolicyCheck.Of(policy, condition);

        Assert.True(report.IsKept, report.ToString());
        Assert.Equal(12, report.Findings.Count);
    }

    [Fact]
    public void The_tokenizer_keeps_its_contract_but_that_of_random_weights_keeps_no_picture()
    {
        using LlamaGenTokenizer tokenizer = Toys.Tokenizer();
        using Tensor images = Toys.Images(3);

        ConformanceReport report = TokenizerCheck.Of(tokenizer, images);

        Assert.Equal("there and back", Assert.Single(report.Findings, finding => !finding.IsKept).Rule);
        Assert.Equal(7, report.Findings.Count);
    }
}
