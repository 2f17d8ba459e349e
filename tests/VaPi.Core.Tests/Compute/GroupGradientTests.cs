using TorchSharp;
using VaPi.Alignment;
using VaPi.Alignment.Regularisers;
using VaPi.Alignment.Surrogates;
using VaPi.Compute;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Compute;

public class GroupGradientTests
{
    private const double Tolerance = 1e-10;

    public static TheoryData<GroupSettings, ulong> Cases()
    {
        GroupSettings[] settings =
        [
            new(),
            new(PriorWeight: 0),
            new(Temperature: 0.7),
            new(Temperature: 1.6, PriorWeight: 0),
            new(KlWeight: 0.3),
            new(Duplicates: true),
            new(Restricted: true),
            new(Temperature: 0.8, KlWeight: 0.2, PriorWeight: 0.5, Restricted: true, ChunkLength: 2, Duplicates: true),
            new(ChunkLength: 1),
            new(ChunkLength: GroupCase.Positions),
            new(ChunkLength: 1000),
        ];
        var cases = new TheoryData<GroupSettings, ulong>();
        foreach (GroupSettings setting in settings)
        {
            cases.Add(setting, 1);
            cases.Add(setting, 2);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Agrees_with_automatic_differentiation_of_every_sample(GroupSettings settings, ulong seed)
    {
        using var group = new GroupCase(settings, seed);
        (Tensor atFeatures, Tensor[] atHead) = group.PlainGradients();

        (Tensor sampleWeights, Tensor? truthWeights, double clippedBelow, double clippedAbove) = Weights(group, settings);
        foreach (Tensor parameter in group.HeadParameters)
            parameter.grad!.zero_();
        Tensor shared = GroupGradient.Backward(
            group.Head, group.Features, group.Samples, sampleWeights, group.Truth, truthWeights, settings.Temperature, group.Support, settings.ChunkLength);

        Assert.True(clippedBelow > 0 && clippedAbove > 0, "the case clips nothing");
        Expect.Close(atFeatures, shared, Tolerance, "at the features");
        for (int index = 0; index < atHead.Length; index++)
            Expect.Close(atHead[index], group.HeadParameters[index].grad!, Tolerance, $"head parameter {index}");
    }

    [Fact]
    public void At_the_logits_it_is_the_formula_for_two_tokens()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = zeros([1, 1, 2], ScalarType.Float64); // P = (1/2, 1/2)
        Tensor samples = tensor(new long[] { 0, 0, 1 }, [1, 3, 1]);
        Tensor weights = tensor(new[] { 1.0, 2.0, 4.0 }, [1, 3, 1]);
        Tensor truth = tensor(new long[] { 1 }, [1, 1]);

        Tensor gradient = GroupGradient.AtLogits(logits, samples, weights, truth, tensor(new[] { -6.0 }, [1, 1]), temperature: 2, support: null);

        // Of the samples (3 - 7/2, 4 - 7/2) / 2, of the truth -6 (-1/2, 1/2).
        Assert.Equal([-0.25 + 3, 0.25 - 3], gradient.data<double>().ToArray());
    }

    [Fact]
    public void Nothing_flows_to_tokens_outside_the_support()
    {
        using DisposeScope scope = NewDisposeScope();
        using var group = new GroupCase(new GroupSettings(Restricted: true), 3);
        Tensor gradient = GroupGradient.AtLogits(
            group.Head(group.Features).detach(), group.Samples, ones_like(group.Old), truth: null, truthWeights: null, temperature: 1, group.Support);

        Assert.Equal(0, gradient.masked_select(group.Support!.logical_not()).abs().max().item<double>());
        Assert.True(gradient.abs().max().item<double>() > 0);
    }

    // Autograd adds chunk after chunk in the head's type. The head's own rounding is 0.2 % off already, and 36 chunks are what
    // 16 images of 576 positions and 16,384 tokens have.
    [Fact]
    public void Chunks_add_up_in_a_head_of_16_bits_to_less_than_a_percent()
    {
        const int Vocabulary = 512;
        const int Positions = 576;
        const int Width = 64;
        const int Group = 4;
        using DisposeScope scope = NewDisposeScope();
        using var generator = new Generator(1, CPU);
        Tensor features = randn([1, Positions, Width], generator: generator).to(ScalarType.BFloat16);
        Tensor weight = (randn([Vocabulary, Width], generator: generator) * 0.3).to(ScalarType.BFloat16);
        Tensor samples = randint(0, Vocabulary, [1, Group, Positions], ScalarType.Int64, generator: generator);
        Tensor weights = randn([1, Group, Positions], generator: generator);
        Tensor OfHead(ScalarType type, int chunkLength)
        {
            Tensor head = weight.to(type).detach().clone().requires_grad_();
            GroupGradient.Backward(
                input => input.matmul(head.t()).to(ScalarType.Float32), features.to(type), samples, weights, truth: null, truthWeights: null, temperature: 1, support: null, chunkLength);
            return head.grad!.to(ScalarType.Float32);
        }

        Tensor exact = OfHead(ScalarType.Float32, Positions);
        double Error(int chunkLength) => ((OfHead(ScalarType.BFloat16, chunkLength) - exact).norm() / exact.norm()).item<float>();

        Assert.InRange(Error(Positions), 1e-4, 0.004);
        Assert.InRange(Error(Positions / 36), 1e-4, 0.01);
    }

    [Fact]
    public void A_head_that_ignores_its_features_is_named()
    {
        using DisposeScope scope = NewDisposeScope();
        using var group = new GroupCase(new GroupSettings(), 4);
        Tensor constant = zeros([GroupCase.Images, GroupCase.Positions, GroupCase.Vocabulary], ScalarType.Float64, requires_grad: true);

        var exception = Assert.Throws<InvalidOperationException>(() => GroupGradient.Backward(
            _ => constant * 1, group.Features, group.Samples, ones_like(group.Old), null, null, 1, null, GroupCase.Positions));

        Assert.Contains("Head", exception.Message, StringComparison.Ordinal);
    }

    // dL/dlogπ of the library's own objectives, and the share of tokens that are clipped on either side.
    private static (Tensor Sampled, Tensor? Truth, double Below, double Above) Weights(GroupCase group, GroupSettings settings)
    {
        (Tensor sampled, Tensor? truth) = GroupLogProbabilities.Evaluate(
            group.Head, group.Features, group.Samples, group.Truth, settings.Temperature, group.Support, settings.ChunkLength);
        Tensor current = sampled.requires_grad_();
        Tensor currentTruth = truth!.requires_grad_();
        var tokens = new TokenLogProbabilities(current, group.Old, group.Reference, currentTruth);
        Tensor loss = new ClippedRatio(GroupCase.Clip, GroupCase.Clip).Loss(tokens, group.Advantages).mean();
        loss = loss + settings.KlWeight * new KlToStart(1).Loss(tokens).mean();
        if (settings.PriorWeight > 0)
            loss = loss + settings.PriorWeight * new PriorTerm(1).Loss(tokens).mean();
        loss.backward();
        using IDisposable gradients = no_grad();
        Tensor ratio = (current - group.Old).exp();
        double Share(Tensor which) => which.to(ScalarType.Float64).mean().item<double>();
        return (
            current.grad!,
            currentTruth.grad,
            Share((ratio < 1 - GroupCase.Clip).logical_and(group.Advantages < 0)),
            Share((ratio > 1 + GroupCase.Clip).logical_and(group.Advantages > 0)));
    }
}
