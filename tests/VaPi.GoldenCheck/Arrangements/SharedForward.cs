using VaPi.Alignment;
using VaPi.Alignment.Advantages;
using VaPi.Alignment.Metrics;
using VaPi.Alignment.Rollouts;
using static TorchSharp.torch;

namespace VaPi.GoldenCheck.Arrangements;

/// <summary>The library's own trainer, replaying the stored draws.</summary>
internal sealed class SharedForward : IArrangement
{
    private readonly RecordingAdvantage _advantage = new();
    private readonly Dictionary<string, Tensor> _gradients = [];
    private readonly GoldenParts _parts;
    private readonly RecordingReward _reward;
    private readonly AlignmentTrainer _trainer;

    public SharedForward(GoldenFolder golden)
    {
        _parts = new GoldenParts(golden);
        _reward = new RecordingReward(_parts.Reward);
        GoldenConfiguration configuration = _parts.Configuration;
        _trainer = AlignmentTrainer.CreateBuilder()
            .WithTokenizer(_parts.Tokenizer)
            .WithPolicy(_parts.Policy)
            .WithReward(_reward)
            .WithImages(new StoredImages(golden))
            .WithRollouts(new StoredRollouts(golden))
            .WithAdvantage(_advantage)
            .OnGradients(KeepFirst)
            .Configure(options =>
            {
                options.Rollouts = GoldenRollout.Count(golden);
                options.ImagesPerRollout = configuration.B;
                options.GroupSize = configuration.G;
                options.SamplesPerMinibatch = configuration.Minibatch;
                options.MinibatchesPerUpdate = configuration.Accumulate;
                options.Mode = AlignmentMode.Evaluation;
                options.PriorWeight = configuration.PriorWeight;
                options.KlWeight = configuration.KlWeight;
                options.MonitorKl = true;
                options.ClipLow = options.ClipHigh = configuration.Clip;
                options.AdvantageClip = configuration.AdvantageClip;
                options.Temperature = configuration.Temperature;
                options.LearningRate = configuration.LearningRate;
                options.WeightDecay = configuration.WeightDecay;
                (options.Beta1, options.Beta2) = (configuration.Betas[0], configuration.Betas[1]);
                options.MaximumGradientNorm = configuration.MaximumGradientNorm;
                options.PositionsPerChunk = 24; // does not divide the number of positions, on purpose
            })
            .Build();
    }

    public string Name => "shared";

    public RolloutOutcome Next()
    {
        _gradients.Clear();
        AlignmentStep step = _trainer.Step();
        double[] losses =
        [
            .. step.Minibatches.SelectMany(minibatch => new[]
            {
                minibatch.Loss, minibatch.PolicyLoss, minibatch.Regularisers["kl"], minibatch.Regularisers["prior"], minibatch.MeanRatio, minibatch.ClippedFraction,
            }),
        ];
        return new RolloutOutcome(
            _reward.Samples,
            _reward.Values,
            -_reward.Component(_parts.Pixels.Name),
            -_reward.Component(_parts.Lpips.Name),
            _advantage.Advantages!.reshape(-1),
            tensor(losses, [step.Minibatches.Count, 6]),
            new Dictionary<string, Tensor>(_gradients),
            step.GradientNorms,
            _parts.Copies());
    }

    public void Dispose()
    {
        _trainer.Dispose();
        _parts.Dispose();
    }

    private void KeepFirst(IReadOnlyList<(string Name, Tensor Gradient)> gradients)
    {
        if (_gradients.Count > 0)
            return;
        foreach ((string name, Tensor gradient) in gradients)
            _gradients.Add(name, gradient.clone().DetachFromDisposeScope());
    }

    private sealed class StoredImages(GoldenFolder golden) : IImageSource
    {
        private int _next;

        public int Count => golden.Configuration!.B;

        public ImageSize ImageSize => golden.Configuration!.Image;

        public ImageBatch Read(IReadOnlyList<ImageDraw> draws)
        {
            GoldenRollout rollout = GoldenRollout.Read(golden, _next++);
            return new ImageBatch(rollout["images"].clone(), rollout.Condition());
        }
    }

    private sealed class StoredRollouts(GoldenFolder golden) : IRolloutSource
    {
        public bool HasTargets => true;

        public Rollout Collect(RolloutRequest request)
        {
            GoldenRollout rollout = GoldenRollout.Read(golden, (int)request.Index);
            long[] grouped = [golden.Configuration!.B, golden.Configuration.G, -1];
            return new Rollout
            {
                Condition = request.Condition,
                Context = rollout.Context(),
                Samples = rollout["samples"].view(grouped).clone(),
                OldLogProbabilities = rollout["old_logprobs"].view(grouped).clone(),
                TrueTokens = rollout["tokens"].clone(),
            };
        }
    }

    private sealed class RecordingAdvantage : IAdvantageEstimator
    {
        private readonly GroupNormalised _inner = new();

        public Tensor? Advantages { get; private set; }

        public Tensor Estimate(Tensor rewards)
        {
            Tensor advantages = _inner.Estimate(rewards);
            Advantages = advantages.clone().DetachFromDisposeScope();
            return advantages;
        }
    }

    private sealed class RecordingReward(IRewardFunction inner) : IRewardFunction
    {
        private readonly List<(RewardBatch Scored, Tensor Samples)> _chunks = [];

        public string Name => inner.Name;

        public RewardInputs Inputs => inner.Inputs;

        public Tensor Values => cat([.. _chunks.Select(chunk => chunk.Scored.Values)]);

        public Tensor Samples => cat([.. _chunks.Select(chunk => chunk.Samples)]);

        public Tensor Component(string name) => cat([.. _chunks.Select(chunk => chunk.Scored.Components[name])]);

        public IRewardScorer Prepare(Tensor? targets, Condition condition)
        {
            _chunks.Clear();
            return new Scorer(this, inner.Prepare(targets, condition));
        }

        private sealed class Scorer(RecordingReward owner, IRewardScorer inner) : IRewardScorer
        {
            public RewardBatch Score(RewardChunk chunk)
            {
                RewardBatch scored = inner.Score(chunk);
                var copy = new RewardBatch(scored.Values.clone(), scored.Components.ToDictionary(part => part.Key, part => part.Value.clone()));
                owner._chunks.Add((copy, chunk.Samples.clone().DetachFromDisposeScope()));
                return scored;
            }

            public void Dispose() => inner.Dispose();
        }
    }
}
