using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VaPi.Tests.Compute;

/// <summary>What a random group is made of.</summary>
public sealed record GroupSettings(
    double Temperature = 1, double KlWeight = 0, double PriorWeight = 0.1, bool Restricted = false, int ChunkLength = 4, bool Duplicates = false)
{
    public override string ToString() =>
        $"temperature {Temperature}, kl {KlWeight}, prior {PriorWeight}, restricted {Restricted}, chunks of {ChunkLength}, duplicates {Duplicates}";
}

/// <summary>
/// A random group in float64, with a head that has a hidden layer and biases; and the plain way to its loss, with whole logits
/// repeated for every sample, against which the shared way is checked.
/// </summary>
internal sealed class GroupCase : IDisposable
{
    public const int Images = 3;
    public const int GroupSize = 5;
    public const int Positions = 9;
    public const int Vocabulary = 17;
    public const double Clip = 0.2;

    private const int Width = 6;
    private const int HeadWidth = 8;

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly GroupSettings _settings;

    public GroupCase(GroupSettings settings, ulong seed)
    {
        _settings = settings;
        using var generator = new Generator(seed, CPU);
        Tensor Normal(params long[] shape) => randn(shape, dtype: ScalarType.Float64, generator: generator);
        Features = Normal(Images, Positions, Width);
        HeadParameters = [Normal(HeadWidth, Width), Normal(HeadWidth), Normal(Vocabulary, HeadWidth), Normal(Vocabulary)];
        foreach (Tensor parameter in HeadParameters)
            parameter.requires_grad_();
        Truth = randint(Vocabulary, [Images, Positions], ScalarType.Int64, generator: generator);

        // Of 17 tokens only 3 are sampled when there are to be duplicates, so that every position has some.
        int sampled = settings.Duplicates ? 3 : Vocabulary;
        Samples = randint(sampled, [Images, GroupSize, Positions], ScalarType.Int64, generator: generator);
        if (settings.Restricted)
        {
            Tensor some = rand([Images, Positions, Vocabulary], generator: generator) < 0.5;
            Support = some.scatter_(-1, Samples.transpose(1, 2), tensor(true).expand(Images, Positions, GroupSize));
        }

        Advantages = Normal(Images, GroupSize, 1);
        using IDisposable gradients = no_grad();
        Tensor current = PlainLogProbabilities(Repeat(Features)).Sampled.view(Images, GroupSize, Positions);

        // Far enough from the current policy that both clip limits are passed in both directions of the advantage.
        Old = current + 0.3 * Normal(Images, GroupSize, Positions);
        Reference = current + 0.5 * Normal(Images, GroupSize, Positions);
    }

    public Tensor Features { get; } // (B, T, D)

    public Tensor[] HeadParameters { get; }

    public Tensor Truth { get; } // (B, T)

    public Tensor Samples { get; } // (B, G, T)

    public Tensor? Support { get; } // (B, T, V)

    public Tensor Advantages { get; } // (B, G, 1)

    public Tensor Old { get; } // (B, G, T)

    public Tensor Reference { get; } // (B, G, T)

    public Tensor Head(Tensor features) =>
        F.linear(F.relu(F.linear(features, HeadParameters[0], HeadParameters[1])), HeadParameters[2], HeadParameters[3]);

    /// <summary>The gradients at the features and at the head's parameters, every sample with logits of its own.</summary>
    public (Tensor AtFeatures, Tensor[] AtHead) PlainGradients()
    {
        using IDisposable gradients = enable_grad();
        Tensor features = Features.clone().requires_grad_();
        (Tensor sampled, Tensor truth) = PlainLogProbabilities(Repeat(features)); // (B G, T) each
        Tensor PerSample(Tensor tensor) => tensor.view(Images * GroupSize, -1);
        Tensor ratio = (sampled - PerSample(Old)).exp();
        Tensor advantages = PerSample(Advantages);
        Tensor policy = max(-advantages * ratio, -advantages * ratio.clamp(1 - Clip, 1 + Clip));
        Tensor apart = PerSample(Reference) - sampled;
        Tensor divergence = apart.exp() - apart - 1;
        Tensor loss = (policy + _settings.KlWeight * divergence - _settings.PriorWeight * truth).mean([1]).mean();
        foreach (Tensor parameter in HeadParameters)
            parameter.grad?.zero_();
        loss.backward();
        return (features.grad!, [.. HeadParameters.Select(parameter => parameter.grad!.clone())]);
    }

    /// <summary>log_softmax and gather on whole logits, one row of them a sample.</summary>
    /// <param name="repeated">(B G, T, D).</param>
    public (Tensor Sampled, Tensor Truth) PlainLogProbabilities(Tensor repeated)
    {
        Tensor logits = Head(repeated); // (B G, T, V)
        Tensor scaled = logits / _settings.Temperature;
        if (Support is not null)
            scaled = where(Repeat(Support), scaled, double.NegativeInfinity);
        Tensor Of(Tensor of, Tensor tokens) => of.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1);
        return (Of(scaled, Samples.flatten(0, 1)), Of(logits, Repeat(Truth)));
    }

    public static Tensor Repeat(Tensor perImage) => perImage.repeat_interleave(GroupSize, 0);

    public void Dispose() => _scope.Dispose();
}
