using TorchSharp;
using VaPi.Data;
using VaPi.Generation;
using VaPi.Tests.Toys;
using static TorchSharp.torch;

namespace VaPi.Evaluation.Tests.Likelihood;

/// <summary>Images of so few tokens that every sequence can be counted: expectations are sums, and log p(I) is known.</summary>
internal sealed class SmallWorld : IDisposable
{
    private const int Colours = 3;
    private const double Blur = 0.3;

    public SmallWorld(int images = 6)
    {
        Tokenizer = new ToyTokenizer(Colours, grid: 2, cell: 2);
        Policy = new ToyPolicy(Tokenizer, classes: 2, dtype: ScalarType.Float64);
        using DisposeScope scope = NewDisposeScope();
        using var generator = new Generator(21, CPU);
        Truth = randint(Colours, [images, Tokens], ScalarType.Int64, generator: generator).DetachFromDisposeScope();
        long[] labels = [.. Enumerable.Range(0, images).Select(index => (long)index % 2)];
        Condition = new ClassCondition(labels);
        Pixels = (Tokenizer.Decode(Truth) + (rand([images, 3, 4, 4], generator: generator) - 0.5) * Blur).clamp(-1, 1).DetachFromDisposeScope();
        if (!Tokenizer.Encode(Pixels).equal(Truth).all().item<bool>())
            throw new InvalidOperationException("The blur changes tokens.");
        Images = ImageSource.FromTensors(Pixels, Condition);
    }

    public static int Tokens => 4;

    public ToyTokenizer Tokenizer { get; }

    public ToyPolicy Policy { get; }

    public TensorImageSource Images { get; }

    public ClassCondition Condition { get; }

    /// <summary>(N, 3, 4, 4).</summary>
    public Tensor Pixels { get; }

    /// <summary>(N, T).</summary>
    public Tensor Truth { get; }

    /// <summary>Every sequence of tokens, (V^T, T).</summary>
    public static Tensor Sequences() => cartesian_prod([.. Enumerable.Range(0, Tokens).Select(_ => arange(Colours))]);

    /// <summary>(n, T), float64: log-probabilities of tokens forced on a context, without chunks.</summary>
    public static Tensor Forced(ToyPolicy policy, Condition condition, Tensor context, Tensor tokens)
    {
        using IDisposable gradients = no_grad();
        return policy.Head(policy.Features(condition, context, PolicyMode.Evaluation)).log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1);
    }

    /// <summary>log p(I | x) of every sequence, (V^T), for one image.</summary>
    public Tensor LogDensity(int image, double deviation)
    {
        Tensor errors = (Tokenizer.Decode(Sequences()) - Pixels[image]).to(ScalarType.Float64).square().flatten(1); // (V^T, 48)
        return -0.5 * (errors / (deviation * deviation) + Math.Log(2 * Math.PI * deviation * deviation)).sum(-1);
    }

    public void Dispose()
    {
        Images.Dispose();
        Condition.Dispose();
        Policy.Dispose();
        Tokenizer.Dispose();
        Truth.Dispose();
        Pixels.Dispose();
    }

    /// <summary>"Generates" what it is told, and remembers how it was asked.</summary>
    public sealed class Scripted(Tensor tokens) : ITokenGenerator
    {
        private long _next;

        public List<ulong> Seeds { get; } = [];

        public Tensor Generate(Condition condition, GenerationOptions options, CancellationToken cancellationToken = default)
        {
            Seeds.Add(options.Seed);
            Tensor rows = tokens.narrow(0, _next, condition.Count).clone();
            _next += condition.Count;
            return rows;
        }
    }
}
