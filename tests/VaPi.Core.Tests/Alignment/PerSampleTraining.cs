using TorchSharp;
using TorchSharp.Modules;
using VaPi.Alignment;
using VaPi.Tests.Toys;
using static TorchSharp.torch;

namespace VaPi.Tests.Alignment;

/// <summary>
/// The published arrangement, written plainly: every sample has a forward pass of its own over whole logits, autograd does
/// the rest, and TorchSharp's own AdamW the update. It trains a copy of the policy on rollouts that were written down. What makes
/// an alternative another one can be replaced by its plain formula.
/// </summary>
internal sealed class PerSampleTraining : IDisposable
{
    private readonly AlignmentOptions _options;
    private readonly optim.Optimizer _optimiser;
    private readonly ToyTokenizer _tokenizer;
    private readonly ToyPolicy _start;

    public PerSampleTraining(ToyWorld world, AlignmentOptions options)
    {
        _options = options;
        _tokenizer = world.Tokenizer;
        Policy = world.Policy.Copy();
        _start = world.Policy.Copy();
        List<Parameter> Where(bool decayed) => [.. Policy.NamedParameters().Where(named => Policy.IsDecayed(named.Name) == decayed).Select(named => named.Parameter)];
        _optimiser = optim.AdamW(
            [
                new AdamW.ParamGroup(Where(true), LearningRate, options.Beta1, options.Beta2, options.Epsilon, options.WeightDecay),
                new AdamW.ParamGroup(Where(false), LearningRate, options.Beta1, options.Beta2, options.Epsilon, weight_decay: 0),
            ],
            LearningRate,
            options.Beta1,
            options.Beta2,
            options.Epsilon,
            options.WeightDecay);
    }

    public ToyPolicy Policy { get; }

    /// <summary>Decoded samples (N, 3, H, W) and their originals to rewards (N).</summary>
    public Func<Tensor, Tensor, Tensor> Reward { get; init; } = (decoded, targets) => (decoded - targets).square().mean([1, 2, 3]).neg();

    /// <summary>Rewards (B, G) to advantages.</summary>
    public Func<Tensor, Tensor> Advantage { get; init; } =
        rewards => (rewards - rewards.mean([1], keepdim: true)) / (rewards.std(1, unbiased: true, keepdim: true) + 1e-8);

    /// <summary>Log-probabilities now and when sampled, (n, T), and advantages (n, 1), to the loss of each token; the clipped ratio if null.</summary>
    public Func<Tensor, Tensor, Tensor, Tensor>? PolicyLoss { get; init; }

    private double LearningRate => _options.LearningRate.At(0);

    public void Replay(RecordingRollouts.Record rollout)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor samples = rollout.Samples.flatten(0, 1); // (B G, T)
        Tensor advantages = Advantages(rollout); // (B G)
        int size = _options.SamplesPerMinibatch ?? (_options.ImagesPerMinibatch ?? _options.ImagesPerRollout) * _options.GroupSize;
        List<int[]> minibatches = [.. Enumerable.Range(0, (int)samples.shape[0]).Chunk(size)];
        int accumulation = _options.MinibatchesPerUpdate ?? minibatches.Count;
        for (int pass = 0; pass < _options.PassesPerRollout; pass++)
        {
            for (int first = 0; first + accumulation <= minibatches.Count; first += accumulation)
            {
                _optimiser.zero_grad();
                foreach (int[] minibatch in minibatches.Skip(first).Take(accumulation))
                    (Loss(rollout, samples, advantages, minibatch) / accumulation).backward();
                nn.utils.clip_grad_norm_(Policy.NamedParameters().Select(named => named.Parameter), _options.MaximumGradientNorm);
                _optimiser.step();
            }
        }
    }

    public void Dispose()
    {
        _optimiser.Dispose();
        Policy.Dispose();
        _start.Dispose();
    }

    private Tensor Advantages(RecordingRollouts.Record rollout)
    {
        Tensor decoded = _tokenizer.Decode(rollout.Samples.flatten(0, 1));
        Tensor targets = rollout.Images.repeat_interleave(_options.GroupSize, 0);
        Tensor rewards = Reward(decoded, targets).view(-1, _options.GroupSize).to(ScalarType.Float64);
        return Advantage(rewards).clamp(-_options.AdvantageClip, _options.AdvantageClip).flatten();
    }

    private Tensor Loss(RecordingRollouts.Record rollout, Tensor samples, Tensor advantages, int[] minibatch)
    {
        int samplesPerContext = (int)rollout.Samples.shape[1];
        int[] images = [.. minibatch.Select(sample => sample / samplesPerContext)];
        Tensor ofImages = tensor(images.Select(image => (long)image).ToArray());
        Tensor ofSamples = tensor(minibatch.Select(sample => (long)sample).ToArray());
        using Condition condition = rollout.Condition.Select(images);
        Tensor context = rollout.Context[ofImages];
        Tensor chosen = samples[ofSamples];
        Tensor? support = rollout.Support?[ofImages];
        Tensor Logits(ToyPolicy policy) => policy.Head(policy.Features(condition, context, PolicyMode.Evaluation)); // (n, T, V)
        Tensor Of(Tensor logits, Tensor tokens) => logits.log_softmax(-1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1); // (n, T)
        Tensor Restricted(Tensor logits) => support is null ? logits / _options.Temperature : (logits / _options.Temperature).masked_fill(support.logical_not(), double.NegativeInfinity);

        Tensor logits = Logits(Policy);
        Tensor current = Of(Restricted(logits), chosen);
        Tensor old = rollout.Old.flatten(0, 1)[ofSamples];
        Tensor advantage = advantages[ofSamples].unsqueeze(-1);
        Tensor policy = PolicyLoss?.Invoke(current, old, advantage) ?? Clipped((current - old).exp(), advantage);
        Tensor loss = policy.mean([1]).mean();
        if (rollout.Truth is not null)
            loss = loss - _options.PriorWeight * Of(logits, rollout.Truth[ofImages]).mean([1]).mean();
        if (_options.KlWeight > 0)
        {
            Tensor reference = Of(Restricted(Logits(_start).detach()), chosen);
            loss = loss + _options.KlWeight * ((reference - current).exp() - (reference - current) - 1).mean([1]).mean();
        }

        return loss;
    }

    private Tensor Clipped(Tensor ratio, Tensor advantage) =>
        max(-advantage * ratio, -advantage * ratio.clamp(1 - _options.ClipLow, 1 + _options.ClipHigh));
}
