using TorchSharp;
using TorchSharp.Modules;
using VaPi.Alignment;
using VaPi.Conformance;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Conformance;

/// <summary>A policy that keeps its contract passes; each way of breaking it is found, under the rule's name.</summary>
[Collection(AloneCollection.Name)]
public sealed class PolicyCheckTests : IDisposable
{
    private static readonly Dictionary<string, Func<ToyPolicy, AlteredPolicy>> Mistakes = new()
    {
        ["parameters: None of NamedParameters requires gradients"] = policy => new AlteredPolicy(policy) { OwnParameters = () => [] },
        ["parameters: NamedParameters has a name or a parameter twice"] = policy => new AlteredPolicy(policy) { OwnParameters = () => policy.NamedParameters().Concat(policy.NamedParameters().Take(1)) },
        ["features: Features gave Float32 (2, 160); it must be (2, 16, D)"] = policy => Featured(policy, features => features.flatten(1)),
        ["features: What Features gave has numbers that are NaN or infinite"] = policy => Featured(policy, features => features / 0),
        ["features: Features changed or disposed its context"] = policy => new AlteredPolicy(policy)
        {
            OwnFeatures = (condition, context, mode) => policy.Features(condition, context.add_(1).remainder_(policy.VocabularySize), mode),
        },
        ["logits: What Head gave is Float32 (2, 16, 11); it must be Float32 or Float64 (2, 16, 12)"] = policy => new AlteredPolicy(policy) { OwnHead = features => policy.Head(features).narrow(2, 0, 11) },
        ["logits: it threw InvalidOperationException: no head"] = policy => new AlteredPolicy(policy) { OwnHead = _ => throw new InvalidOperationException("no head") },
        ["position by position: Head gives other logits"] = policy => new AlteredPolicy(policy) { OwnHead = features => policy.Head(features - features.mean([1], keepdim: true)) },
        ["evaluation mode: Two passes"] = policy => Featured(policy, features => nn.functional.dropout(features, 0.5, training: true)),
        ["images apart: An image gets other logits"] = policy => Featured(policy, features => features - features.mean([0], keepdim: true)),
        ["causality: With other tokens from position 3 on"] = policy => new AlteredPolicy(policy) // not shifted: position t sees token t
        {
            OwnFeatures = (condition, context, mode) => policy.Features(condition, context.roll(-1, 1), mode),
        },
        ["causality: With other tokens from position 12 on"] = policy => new AlteredPolicy(policy) // looks ahead at the end alone
        {
            OwnFeatures = (condition, context, mode) => policy.Features(condition, context, mode) + context.narrow(1, 15, 1).unsqueeze(-1) * arange(16).eq(12).view(1, 16, 1),
        },
        ["prefix: With all tokens changed"] = policy => new AlteredPolicy(policy) { OwnFeatures = (condition, context, mode) => policy.Features(condition, zeros_like(context), mode) },
        ["gradients: The logits carry no gradients"] = policy => Featured(policy, features => features.detach(), logits => logits.detach()),
        ["gradients: No parameter of NamedParameters gets a gradient"] = policy =>
        {
            var stranger = new Parameter(zeros(3)); // nothing is computed with it
            return new AlteredPolicy(policy) { OwnParameters = () => [("stranger", stranger)] };
        },
        ["reference: The reference's log-probabilities are not those"] = policy => new AlteredPolicy(policy) { OwnReference = () => new FrozenPolicy(new ToyPolicy(new ToyTokenizer(), seed: 6)) },
        ["reference: The reference changes when the policy is trained"] = policy => new AlteredPolicy(policy) { OwnReference = () => new FrozenPolicy(new AlteredPolicy(policy)) },
        ["generation: What Generate gave is Int64 (2, 15)"] = policy => new AlteredPolicy(policy) { OwnGeneration = (condition, _) => zeros(condition.Count, 15, ScalarType.Int64) },
        ["generation: Generate gave tokens outside 0 to 11"] = policy => new AlteredPolicy(policy) { OwnGeneration = (condition, _) => full([condition.Count, 16], 12, ScalarType.Int64) },
        ["generation: Generate gave other tokens for the same seed"] = policy => new AlteredPolicy(policy) { OwnGeneration = (condition, _) => randint(12, [condition.Count, 16], ScalarType.Int64) },
        ["generation: A token that Generate took for the likeliest"] = policy => new AlteredPolicy(policy)
        {
            OwnGeneration = (condition, options) => new AlteredPolicy(policy).Generate(condition, options).roll(1, 1),
        },
    };

    private readonly ToyTokenizer _tokenizer = new();
    private readonly ToyPolicy _policy;
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly ClassCondition _condition = new([0, 2]);

    public PolicyCheckTests() => _policy = new ToyPolicy(_tokenizer, dropout: 0.2);

    public static TheoryData<string> MistakeNames => [.. Mistakes.Keys];

    public void Dispose()
    {
        _scope.Dispose();
        _condition.Dispose();
        _policy.Dispose();
        _tokenizer.Dispose();
    }

    [Fact]
    public void A_policy_that_keeps_its_contract_passes_every_rule()
    {
        ConformanceReport report = PolicyCheck.Of(new AlteredPolicy(_policy), _condition);

        Assert.True(report.IsKept, report.ToString());
        report.ThrowIfBroken();
        Assert.Equal(
            ["parameters", "sizes", "features", "logits", "position by position", "evaluation mode", "images apart", "causality", "prefix", "gradients", "reference", "generation"],
            report.Findings.Select(finding => finding.Rule));
    }

    [Theory]
    [MemberData(nameof(MistakeNames))]
    public void A_mistake_is_found_and_named(string mistake)
    {
        ConformanceReport report = PolicyCheck.Of(Mistakes[mistake](_policy), _condition);

        Assert.False(report.IsKept);
        Assert.Contains($"BROKEN {mistake}", report.ToString(), StringComparison.Ordinal);
        string message = Assert.Throws<InvalidOperationException>(report.ThrowIfBroken).Message;
        Assert.Contains($"[{mistake.Split(": ")[0]}] {mistake.Split(": ", 2)[1]}", message, StringComparison.Ordinal);
    }

    [Fact]
    public void It_changes_nothing_and_leaves_no_tensors()
    {
        using ToyPolicy before = _policy.Copy(); // made once: TorchSharp counts each Parameter that is made for good
        var policy = new AlteredPolicy(_policy) { OwnReference = () => new FrozenPolicy(new AlteredPolicy(before)) };
        PolicyCheck.Of(policy, _condition);
        long tensors = LiveTensors.Settled();

        ConformanceReport report = PolicyCheck.Of(policy, _condition);

        Assert.True(report.IsKept, report.ToString());
        Assert.Equal(tensors, Tensor.TotalCount);
        Assert.All(_policy.NamedParameters(), named => Assert.True(named.Parameter.eq(before[named.Name]).all().item<bool>()));
        Assert.All(_policy.NamedParameters(), named => Assert.Null(named.Parameter.grad));
    }

    [Fact]
    public void One_condition_is_too_few()
    {
        using var alone = new ClassCondition([1]);

        Assert.Contains("give at least two", Assert.Throws<ArgumentException>(() => PolicyCheck.Of(_policy, alone)).Message, StringComparison.Ordinal);
    }

    private static AlteredPolicy Featured(ToyPolicy policy, Func<Tensor, Tensor> change, Func<Tensor, Tensor>? head = null) => new(policy)
    {
        OwnFeatures = (condition, context, mode) => change(policy.Features(condition, context, mode)),
        OwnHead = head is null ? null : features => head(policy.Head(features)),
    };
}
