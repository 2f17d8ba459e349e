using TorchSharp;
using TorchSharp.Modules;
using VaPi.Models.LlamaGen;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VaPi.GoldenCheck.Arrangements;

/// <summary>
/// The published arrangement, written plainly: every sample has its own forward and backward pass with whole logits, and
/// nothing of the library's trainer or kernels is used. What the shared forward is checked against.
/// </summary>
internal sealed class PerSampleOracle : IArrangement
{
    private readonly GoldenConfiguration _configuration;
    private readonly optim.Optimizer _optimiser;
    private readonly GoldenParts _parts;
    private readonly LlamaGenPolicy _start;
    private int _next;

    public PerSampleOracle(GoldenFolder golden)
    {
        _parts = new GoldenParts(golden);
        _configuration = _parts.Configuration;
        _start = _parts.Policy.Clone();
        IEnumerable<Parameter> Where(bool decayed) =>
            _parts.Policy.NamedParameters().Where(named => named.Name.Contains("norm", StringComparison.Ordinal) != decayed).Select(named => named.Parameter);
        (double beta1, double beta2) = (_configuration.Betas[0], _configuration.Betas[1]);
        _optimiser = optim.AdamW(
            [
                new AdamW.ParamGroup(Where(decayed: true), _configuration.LearningRate, beta1, beta2, 1e-8, _configuration.WeightDecay),
                new AdamW.ParamGroup(Where(decayed: false), _configuration.LearningRate, beta1, beta2, 1e-8, 0),
            ],
            _configuration.LearningRate,
            beta1,
            beta2);
    }

    public string Name => "oracle";

    public RolloutOutcome Next()
    {
        GoldenRollout rollout = GoldenRollout.Read(_parts.Golden, _next++);
        (int images, int groupSize) = (_configuration.B, _configuration.G);
        Tensor samples = rollout["samples"]; // (B G, T)
        Tensor decoded = _parts.Tokenizer.Decode(samples);
        Tensor targets = rollout["images"].repeat_interleave(groupSize, 0);
        Tensor reconstruction = _configuration.Rec == "l1"
            ? (decoded - targets).abs().mean([1, 2, 3])
            : (decoded - targets).square().mean([1, 2, 3]);
        Tensor lpips = Lpips(targets, decoded);
        Tensor rewards = -(_configuration.ReconstructionWeight * reconstruction + _configuration.PerceptualWeight * lpips);
        Tensor grouped = rewards.view(images, groupSize);
        Tensor advantages = ((grouped - grouped.mean([1], keepdim: true)) / (grouped.std(1, unbiased: true, keepdim: true) + 1e-8)).reshape(-1);

        var losses = new List<Tensor>();
        var norms = new List<double>();
        var gradients = new Dictionary<string, Tensor>();
        List<Parameter> parameters = [.. _parts.Policy.NamedParameters().Select(named => named.Parameter)];
        int pending = 0;
        _optimiser.zero_grad();
        for (int first = 0; first < images * groupSize; first += _configuration.Minibatch)
        {
            using DisposeScope scope = NewDisposeScope();
            (Tensor loss, Tensor reported) = MinibatchLoss(rollout, advantages, first, Math.Min(_configuration.Minibatch, images * groupSize - first));
            (loss / _configuration.Accumulate).backward();
            losses.Add(reported.MoveToOuterDisposeScope());
            if (++pending < _configuration.Accumulate)
                continue;
            if (gradients.Count == 0)
            {
                foreach ((string name, Parameter parameter) in _parts.Policy.NamedParameters())
                    gradients.Add(name, parameter.grad!.clone().DetachFromDisposeScope());
            }

            norms.Add(nn.utils.clip_grad_norm_(parameters, _configuration.MaximumGradientNorm));
            _optimiser.step();
            _optimiser.zero_grad();
            pending = 0;
        }

        return new RolloutOutcome(
            decoded, rewards, reconstruction, lpips, advantages, stack(losses), gradients, norms, _parts.Copies());
    }

    public void Dispose()
    {
        _start.Dispose();
        _optimiser.Dispose();
        _parts.Dispose();
    }

    private (Tensor Loss, Tensor Reported) MinibatchLoss(GoldenRollout rollout, Tensor advantages, int first, int count)
    {
        int[] image = [.. Enumerable.Range(first, count).Select(sample => sample / _configuration.G)];
        Tensor rows = tensor(image.Select(index => (long)index).ToArray(), device: rollout["tokens"].device);
        using Condition ofImages = rollout.Condition();
        using Condition condition = ofImages.Select(image);
        Tensor context = rollout.Context().index_select(0, rows);
        Tensor samples = rollout["samples"].narrow(0, first, count);
        Tensor old = rollout["old_logprobs"].narrow(0, first, count);
        Tensor truth = rollout["tokens"].index_select(0, rows);

        Tensor logits = _parts.Policy.Head(_parts.Policy.Features(condition, context, PolicyMode.Evaluation)); // (n, T, V)
        Tensor current = LogProbabilities(logits, samples);
        Tensor start;
        using (no_grad())
            start = LogProbabilities(_start.Head(_start.Features(condition, context, PolicyMode.Evaluation)), samples);

        Tensor advantage = advantages.narrow(0, first, count).clamp(-_configuration.AdvantageClip, _configuration.AdvantageClip).unsqueeze(1);
        Tensor ratio = (current - old).exp();
        Tensor policyLoss = maximum(-advantage * ratio, -advantage * ratio.clamp(1 - _configuration.Clip, 1 + _configuration.Clip)).mean([1]).mean();
        Tensor divergence = ((start - current).exp() - (start - current) - 1).mean([1]).mean();
        Tensor crossEntropy = F.cross_entropy(logits.flatten(0, 1), truth.reshape(-1));
        Tensor loss = policyLoss + _configuration.KlWeight * divergence + _configuration.PriorWeight * crossEntropy;
        Tensor outside = ((ratio - 1).abs() > _configuration.Clip).to(ScalarType.Float32).mean();
        return (loss, stack([loss, policyLoss, divergence, crossEntropy, ratio.mean(), outside]).detach());
    }

    private Tensor LogProbabilities(Tensor logits, Tensor samples) =>
        (logits / _configuration.Temperature).log_softmax(-1).gather(-1, samples.unsqueeze(-1)).squeeze(-1);

    // One image a sample: nothing of the targets is shared.
    private Tensor Lpips(Tensor targets, Tensor decoded)
    {
        using IDisposable gradients = no_grad();
        int count = (int)decoded.shape[0];
        using var condition = new NoCondition(count);
        using IRewardScorer scorer = _parts.Lpips.Prepare(targets, condition);
        using RewardBatch scored = scorer.Score(new RewardChunk(decoded, zeros([count, 1], ScalarType.Int64), TokenLayout.Sequence(1), 0, count));
        return -scored.Values;
    }
}
