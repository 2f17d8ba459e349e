using System.Diagnostics;
using TorchSharp;
using TorchSharp.Modules;
using VaPi.Models.LlamaGen;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VaPi.Benchmarks.Step;

/// <summary>
/// A rollout and its update as VA-π's published code arranges them: condition and prefix are repeated for every sample, so that
/// each has a forward and backward pass of its own in minibatches of 8 samples, with whole logits; the frozen policy has a
/// forward a sample, and LPIPS computes the target's features once a sample. It calls the library's own policy, tokenizer and
/// reward, so only the arrangement differs.
/// </summary>
internal sealed class PublishedArrangement : IDisposable
{
    public const int MinibatchSamples = 8;
    private const double ClipRange = 0.2;
    private const double AdvantageClip = 5;
    private const double MaximumGradientNorm = 1;

    private readonly LlamaGenPolicy? _frozen;
    private readonly double _klWeight;
    private readonly optim.Optimizer _optimiser;
    private readonly IReadOnlyList<(string Name, Parameter Parameter)> _parameters;
    private readonly LlamaGenPolicy _policy;
    private readonly double _priorWeight;
    private readonly IRewardFunction _reward;
    private readonly ITokenizer _tokenizer;

    public PublishedArrangement(LlamaGenPolicy policy, ITokenizer tokenizer, IRewardFunction reward, double priorWeight, double klWeight, double learningRate)
    {
        _policy = policy;
        _tokenizer = tokenizer;
        _reward = reward;
        _priorWeight = priorWeight;
        _klWeight = klWeight;
        _frozen = klWeight > 0 ? policy.Clone() : null;
        _parameters = [.. policy.NamedParameters()];
        _optimiser = optim.AdamW(_parameters.Select(named => named.Parameter), learningRate, weight_decay: 1e-4);
    }

    /// <summary>Makes one rollout and its update.</summary>
    /// <param name="draws">What is random in it; stays the caller's.</param>
    /// <param name="onGradients">Shown the gradients before clipping; null for none.</param>
    public StepSeconds Step(RolloutDraws draws, Action<IReadOnlyList<(string Name, Tensor Gradient)>>? onGradients = null)
    {
        using IDisposable gradients = enable_grad();
        using DisposeScope scope = NewDisposeScope();
        long start = Stopwatch.GetTimestamp();
        double Lap()
        {
            long last = start;
            start = Stopwatch.GetTimestamp();
            return Stopwatch.GetElapsedTime(last, start).TotalSeconds;
        }

        (int images, int groupSize) = ((int)draws.Samples.shape[0], (int)draws.Samples.shape[1]);
        Tensor truth = _tokenizer.Encode(draws.Images); // (B, T)
        double encode = Lap();
        Tensor old = SampleGroups(draws).flatten(0, 1); // (B G, T)
        double sample = Lap();
        Tensor advantages = Score(draws); // (B G, 1)
        double score = Lap();

        // From here everything is a sample's: image-major, in slices of a minibatch.
        int[] imageOfSample = [.. ImagesOfSamples(images, groupSize)];
        int minibatches = (imageOfSample.Length + MinibatchSamples - 1) / MinibatchSamples;
        Tensor samples = draws.Samples.flatten(0, 1); // (B G, T)
        double reference = 0;
        foreach ((_, Parameter parameter) in _parameters)
            parameter.grad = null;
        for (int first = 0; first < imageOfSample.Length; first += MinibatchSamples)
        {
            using DisposeScope minibatch = NewDisposeScope();
            int[] chosen = imageOfSample[first..Math.Min(first + MinibatchSamples, imageOfSample.Length)];
            Tensor rows = tensor(chosen.Select(image => (long)image).ToArray(), device: samples.device);
            using Condition condition = draws.Condition.Select(chosen);
            Tensor context = draws.Context.index_select(0, rows); // (N, T)
            Tensor Slice(Tensor whole) => whole.narrow(0, first, chosen.Length);
            long begun = Stopwatch.GetTimestamp();
            Tensor? ofFrozen = _frozen is null ? null : OfFrozen(_frozen, condition, context, Slice(samples)); // (N, T)
            reference += Stopwatch.GetElapsedTime(begun).TotalSeconds;
            Tensor loss = Loss(condition, context, Slice(samples), truth.index_select(0, rows), Slice(old), Slice(advantages), ofFrozen);
            (loss / minibatches).backward();
        }

        onGradients?.Invoke([.. _parameters.Select(named => (named.Name, named.Parameter.grad!))]);
        double train = Lap() - reference;
        nn.utils.clip_grad_norm_(_parameters.Select(named => named.Parameter), MaximumGradientNorm);
        _optimiser.step();
        double update = Lap();
        return new StepSeconds(encode, sample, score, reference, train, update);
    }

    public void Dispose()
    {
        _optimiser.Dispose();
        _frozen?.Dispose();
    }

    // The draws are given, so that both arrangements have the same; making them costs what it does all the same.
    private Tensor SampleGroups(RolloutDraws draws)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = _policy.Head(_policy.Features(draws.Condition, draws.Context, PolicyMode.Evaluation)); // (B, T, V)
        Tensor logProbabilities = logits.log_softmax(-1);
        multinomial(logProbabilities.exp().flatten(0, 1), draws.Samples.shape[1], replacement: true); // (B T, G)
        return logProbabilities.gather(-1, draws.Samples.transpose(1, 2)).transpose(1, 2).MoveToOuterDisposeScope(); // (B, G, T)
    }

    // All samples at once, each with a target of its own.
    private Tensor Score(RolloutDraws draws)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        (int images, int groupSize) = ((int)draws.Samples.shape[0], (int)draws.Samples.shape[1]);
        Tensor tokens = draws.Samples.flatten(0, 1); // (B G, T)
        Tensor decoded = _tokenizer.Decode(tokens); // (B G, 3, H, W)
        Tensor targets = draws.Images.repeat_interleave(groupSize, 0); // (B G, 3, H, W)
        using Condition condition = draws.Condition.Select([.. ImagesOfSamples(images, groupSize)]);
        using IRewardScorer scorer = _reward.Prepare(targets, condition);
        Tensor rewards = scorer.Score(new RewardChunk(decoded, tokens, _tokenizer.Layout, 0, images * groupSize)).Values.view(images, groupSize); // (B, G)
        Tensor centred = rewards - rewards.mean([1], keepdim: true);
        return (centred / (rewards.std(1, unbiased: true, keepdim: true) + 1e-8)).clamp(-AdvantageClip, AdvantageClip).view(-1, 1).MoveToOuterDisposeScope();
    }

    private static IEnumerable<int> ImagesOfSamples(int images, int groupSize) =>
        Enumerable.Range(0, images).SelectMany(image => Enumerable.Repeat(image, groupSize));

    private static Tensor OfFrozen(LlamaGenPolicy frozen, Condition condition, Tensor context, Tensor samples)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        return LogProbabilities(frozen.Head(frozen.Features(condition, context, PolicyMode.Evaluation)), samples).MoveToOuterDisposeScope();
    }

    private Tensor Loss(Condition condition, Tensor context, Tensor samples, Tensor truth, Tensor old, Tensor advantages, Tensor? ofFrozen)
    {
        Tensor logits = _policy.Head(_policy.Features(condition, context, PolicyMode.Evaluation)); // (N, T, V)
        Tensor current = LogProbabilities(logits, samples); // (N, T)
        Tensor ratio = (current - old).exp();
        Tensor loss = maximum(-advantages * ratio, -advantages * ratio.clamp(1 - ClipRange, 1 + ClipRange)).mean();
        if (ofFrozen is not null)
        {
            Tensor difference = ofFrozen - current;
            loss = loss + _klWeight * (difference.exp() - difference - 1).mean();
        }

        return loss + _priorWeight * F.cross_entropy(logits.flatten(0, 1), truth.reshape(-1));
    }

    /// <returns>(N, T) from logits (N, T, V).</returns>
    private static Tensor LogProbabilities(Tensor logits, Tensor samples) => logits.log_softmax(-1).gather(-1, samples.unsqueeze(-1)).squeeze(-1);
}
