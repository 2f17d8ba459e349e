using TorchSharp;
using VaPi.Generation;
using VaPi.Models.LlamaGen;
using VaPi.Models.Tests.Support;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.LlamaGen;

/// <summary>Generation with the key/value cache against running the whole sequence again for every token.</summary>
public class CachedGenerationTests
{
    private const double Guidance = 3;

    public static TheoryData<int, bool, bool> Cases
    {
        get
        {
            var cases = new TheoryData<int, bool, bool>();
            foreach (int seed in new[] { 1, 2 })
            {
                foreach (bool text in new[] { false, true })
                {
                    cases.Add(seed, text, false);
                    cases.Add(seed, text, true);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void In_float64_the_tokens_are_the_same(int seed, bool text, bool guided)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor tokens, _, Tensor uncached) = Generated(seed, text, guided, ScalarType.Float64);

        Same.AssertExact(Combined(uncached, guided).argmax(-1), tokens);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void In_float32_the_logits_are_close_and_the_tokens_the_same_wherever_two_do_not_tie(int seed, bool text, bool guided)
    {
        using DisposeScope scope = NewDisposeScope();
        (Tensor tokens, Tensor cached, Tensor uncached) = Generated(seed, text, guided, ScalarType.Float32);

        Assert.InRange((cached - uncached).abs().max().item<float>(), 0, 1e-4);
        Tensor logits = Combined(uncached, guided);
        (Tensor best, _) = logits.topk(2, dim: -1);
        Tensor clear = best.select(-1, 0) - best.select(-1, 1) > 1e-3;
        Assert.True(clear.sum().item<long>() > 0.9 * tokens.numel());
        Same.AssertExact(logits.argmax(-1)[clear], tokens[clear]);
    }

    [Fact]
    public void Progress_is_told_after_every_token()
    {
        using LlamaGenPolicy policy = Toys.Policy();
        using var condition = new ClassCondition([1, 2]);
        var told = new Told();

        policy.Generate(condition, new GenerationOptions { Progress = told }).Dispose();

        Assert.Equal(Enumerable.Range(1, Toys.Tokens), told.Values);
    }

    /// <returns>(B, T) greedy tokens, and the logits (rows, T, V) that they were drawn from and those of whole sequences.</returns>
    private static (Tensor Tokens, Tensor Cached, Tensor Uncached) Generated(int seed, bool text, bool guided, ScalarType type)
    {
        LlamaGenConfiguration shape = new()
        {
            Layers = 3,
            Heads = 4,
            Width = 64,
            VocabularySize = 120,
            GridSize = 7,
            Classes = Toys.Classes,
            FeedForwardMultiple = 16,
        };
        using LlamaGenPolicy random = Toys.Policy(text ? shape.WithCaptions(6, 10) : shape, seed);
        using (no_grad())
            Toys.Named(random, "output.weight").mul_(0.25); // logits as wide as a trained model's: a deviation of about 2
        using var folder = new TemporaryFolder();
        random.Save(folder.File("policy.safetensors"));
        using LlamaGenPolicy policy = LlamaGenPolicy.Load(folder.File("policy.safetensors"), random.Configuration, type: type);
        using Condition condition = text ? Captions(type) : new ClassCondition([0, 2, 4]);
        using Condition unconditional = condition.Unconditional();
        using Condition both = condition.Concat(unconditional);
        var seen = new List<Tensor>();
        Tensor tokens = policy.Generate(
            condition,
            new GenerationOptions { Greedy = true, Guidance = guided ? Guidance : 1 },
            (_, logits) => seen.Add(logits.clone().DetachFromDisposeScope()),
            CancellationToken.None);
        Tensor uncached = Toys.Logits(policy, guided ? both : condition, guided ? tokens.repeat(2, 1) : tokens);
        Tensor cached = stack(seen, 1);
        seen.ForEach(logits => logits.Dispose());
        Assert.Equal(type, uncached.dtype);
        return (tokens, cached, uncached);
    }

    private static Tensor Combined(Tensor logits, bool guided)
    {
        if (!guided)
            return logits;
        Tensor[] halves = logits.chunk(2, 0);
        return halves[1] + Guidance * (halves[0] - halves[1]);
    }

    private static CaptionCondition Captions(ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        using var generator = new Generator(3, CPU);
        using CaptionCondition captions = CaptionCondition.FromCaptions([.. new[] { 6, 2, 3 }.Select(length => randn([length, 10], generator: generator))], 6);
        return new CaptionCondition(captions.Features.to(type, copy: true), captions.Mask.clone());
    }

    private sealed class Told : IProgress<int>
    {
        public List<int> Values { get; } = [];

        public void Report(int value) => Values.Add(value);
    }
}
