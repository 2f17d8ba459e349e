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
    private const double WeightDecay = 1e-4;

    private readonly LlamaGenPolicy? _frozen;
    private readonly optim.Optimizer _optimiser;
    private readonly IReadOnlyList<(string Name, Parameter Parameter)> _parameters;
    private readonly LlamaGenPolicy _policy;
    private readonly IRewardFunction _reward;
    private readonly PublishedSettings _settings;
    private readonly ITokenizer _tokenizer;

    /// <summary>The policy, tokenizer and reward stay the caller's.</summary>
    public PublishedArrangement(LlamaGenPolicy policy, ITokenizer tokenizer, IRewardFunction reward, PublishedSettings settings)
    {
        _policy = policy;
        _tokenizer = tokenizer;
        _reward = reward;
        _settings = settings;
        _frozen = settings.KlWeight > 0 ? policy.Clone() : null;
        _parameters = [.. policy.NamedParameters()];
        _optimiser = optim.AdamW(_parameters.Select(named => named.Parameter), weight_decay: WeightDecay);
    }

    /// <summary>Makes one rollout and its update.</summary>
    /// <param name="draws">The images; what is random is drawn where it is not given. Stays the caller's.</param>
    /// <param name="learningRate">Of the update.</param>
    /// <param name="onGradients">Shown the gradients before clipping; null for none.</param>
    public StepSeconds Step(RolloutDraws draws, double learningRate, Action<IReadOnlyList<(string Name, Tensor Gradient)>>? onGradients = null)
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

        Tensor truth = _tokenizer.Encode(draws.Images); // (B, T)
        double encode = Lap();
        Tensor contexts = draws.Context ?? WithNoise(truth); // (B, T)
        (Tensor samples, Tensor old) = SampleGroups(draws, contexts); // (B G, T)
        double sample = Lap();
        Tensor advantages = Score(draws, samples); // (B G, 1)
        double score = Lap();

        // From here everything is a sample's: image-major, in slices of a minibatch.
        int[] imageOfSample = [.. ImagesOfSamples(draws)];
        int minibatches = (imageOfSample.Length + MinibatchSamples - 1) / MinibatchSamples;
        double reference = 0;
        foreach ((_, Parameter parameter) in _parameters)
            parameter.grad = null;
        for (int first = 0; first < imageOfSample.Length; first += MinibatchSamples)
        {
            using DisposeScope minibatch = NewDisposeScope();
            int[] chosen = imageOfSample[first..Math.Min(first + MinibatchSamples, imageOfSample.Length)];
            Tensor rows = tensor(chosen.Select(image => (long)image).ToArray(), device: samples.device);
            using Condition condition = draws.Condition.Select(chosen);
            Tensor context = contexts.index_select(0, rows); // (N, T)
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
        foreach (optim.ILearningRateController group in _optimiser.ParamGroups)
            group.LearningRate = learningRate;
        _optimiser.step();
        double update = Lap();
        return new StepSeconds(encode, sample, score, reference, train, update);
    }

    public void Dispose()
    {
        _optimiser.Dispose();
        _frozen?.Dispose();
    }

    private Tensor WithNoise(Tensor truth)
    {
        using DisposeScope scope = NewDisposeScope();
        return where(rand_like(truth, ScalarType.Float32) < _settings.ContextNoise, randint_like(truth, 0, _tokenizer.CodebookSize), truth).MoveToOuterDisposeScope();
    }

    // Where the samples are given, so that both arrangements have the same, drawing them costs what it does all the same.
    private (Tensor Samples, Tensor LogProbabilities) SampleGroups(RolloutDraws draws, Tensor contexts)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = _policy.Head(_policy.Features(draws.Condition, contexts, PolicyMode.Evaluation)); // (B, T, V)
        Tensor logProbabilities = logits.log_softmax(-1);
        Tensor drawn = multinomial(logProbabilities.exp().flatten(0, 1), _settings.GroupSize, replacement: true); // (B T, G)
        Tensor samples = draws.Samples ?? drawn.view(logits.shape[0], logits.shape[1], -1).transpose(1, 2); // (B, G, T)
        Tensor ofSamples = logProbabilities.gather(-1, samples.transpose(1, 2)).transpose(1, 2); // (B, G, T)
        return (samples.flatten(0, 1).MoveToOuterDisposeScope(), ofSamples.flatten(0, 1).MoveToOuterDisposeScope());
    }

    // All samples at once, each with a target of its own.
    private Tensor Score(RolloutDraws draws, Tensor tokens)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor decoded = _tokenizer.Decode(tokens); // (B G, 3, H, W)
        Tensor targets = draws.Images.repeat_interleave(_settings.GroupSize, 0); // (B G, 3, H, W)
        using Condition condition = draws.Condition.Select([.. ImagesOfSamples(draws)]);
        using IRewardScorer scorer = _reward.Prepare(targets, condition);
        Tensor rewards = scorer.Score(new RewardChunk(decoded, tokens, _tokenizer.Layout, 0, draws.Condition.Count * _settings.GroupSize)).Values.view(-1, _settings.GroupSize); // (B, G)
        Tensor centred = rewards - rewards.mean([1], keepdim: true);
        return (centred / (rewards.std(1, unbiased: true, keepdim: true) + 1e-8)).clamp(-AdvantageClip, AdvantageClip).view(-1, 1).MoveToOuterDisposeScope();
    }

    private IEnumerable<int> ImagesOfSamples(RolloutDraws draws) =>
        Enumerable.Range(0, draws.Condition.Count).SelectMany(image => Enumerable.Repeat(image, _settings.GroupSize));

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
            loss = loss + _settings.KlWeight * (difference.exp() - difference - 1).mean();
        }

        return loss + _settings.PriorWeight * F.cross_entropy(logits.flatten(0, 1), truth.reshape(-1));
    }

    /// <returns>(N, T) from logits (N, T, V).</returns>
    private static Tensor LogProbabilities(Tensor logits, Tensor samples) => logits.log_softmax(-1).gather(-1, samples.unsqueeze(-1)).squeeze(-1);
}
