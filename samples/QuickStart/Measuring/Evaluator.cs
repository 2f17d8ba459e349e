using QuickStart.Models;
using QuickStart.Photographs;
using TorchSharp;
using VaPi;
using VaPi.Alignment;
using VaPi.Evaluation;
using VaPi.Generation;
using VaPi.Models.LlamaGen;
using VaPi.Rewards;
using static TorchSharp.torch;

namespace QuickStart.Measuring;

/// <summary>Measures policies on the evaluation region, always with the same crops and random numbers.</summary>
internal sealed class Evaluator : IDisposable
{
    /// <summary>Of each policy, for its Frechet distance, unless another number is asked for.</summary>
    public const int FreeRunningSamples = 2048;

    public const int HeldOutCrops = 64;
    public const int GroupSize = 8;
    public const double NoisyPrefix = 0.5;

    private const int GenerationBatch = 256;
    private const int DecodeBatch = 64;
    private const int RewardSteps = HeldOutCrops * GroupSize / DecodeBatch;

    private readonly TileCrops _crops;
    private readonly List<long> _labels = [];
    private readonly FeatureNetwork _features;
    private readonly Tensor _reference;
    private readonly Reward _reward;
    private readonly int _samples;
    private readonly int _seed;
    private readonly LlamaGenTokenizer _tokenizer;

    /// <param name="crops">Of the evaluation region.</param>
    /// <param name="tokenizer">Decodes the samples.</param>
    /// <param name="features">What Frechet distances are taken in.</param>
    /// <param name="reward">The reward to measure.</param>
    /// <param name="seed">Decides the crops and all random numbers.</param>
    /// <param name="samples">Free-running samples of each policy.</param>
    public Evaluator(TileCrops crops, LlamaGenTokenizer tokenizer, FeatureNetwork features, Reward reward, int seed, int samples = FreeRunningSamples)
    {
        (_crops, _tokenizer, _features, _reward, _seed, _samples) = (crops, tokenizer, features, reward, seed, samples);
        var batches = new CropBatches(crops, DecodeBatch, seed + 1000);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable gradients = no_grad();
        var rows = new List<Tensor>();
        for (int done = 0; done < samples; done += DecodeBatch)
        {
            using ImageBatch batch = batches.Next();
            rows.Add(_features.Pooled(batch.Images));
            _labels.AddRange(((ClassCondition)batch.Condition).Labels.data<long>().ToArray());
        }

        _reference = cat(rows).DetachFromDisposeScope();
    }

    /// <summary>The steps of one measurement, for progress: about as many images are decoded in each.</summary>
    public static int Steps(int samples) => 2 * RewardSteps + (samples + DecodeBatch - 1) / DecodeBatch;

    public Measurement Measure(LlamaGenPolicy policy, CancellationToken cancellationToken) => Measure(policy, _ => { }, cancellationToken);

    /// <param name="policy">The policy to measure.</param>
    /// <param name="advanced">Told how many of the <see cref="Steps"/> were made.</param>
    /// <param name="cancellationToken">Stops between steps.</param>
    public Measurement Measure(LlamaGenPolicy policy, Action<int> advanced, CancellationToken cancellationToken)
    {
        double clean = Reward(policy, 0, cancellationToken);
        advanced(RewardSteps);
        double noisy = Reward(policy, NoisyPrefix, cancellationToken);
        advanced(RewardSteps);
        return new(clean, noisy, Frechet(policy, advanced, cancellationToken));
    }

    /// <summary>Free-running samples of given classes; the same seeds for every policy.</summary>
    /// <returns>(N, 3, H, W); belongs to the caller.</returns>
    public Tensor Sample(LlamaGenPolicy policy, IReadOnlyList<long> labels, ulong seed, CancellationToken cancellationToken)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using var condition = new ClassCondition(labels);
        Tensor tokens = policy.Generate(condition, new GenerationOptions { Seed = seed }, cancellationToken);
        return _tokenizer.Decode(tokens).clamp_(-1, 1).MoveToOuterDisposeScope();
    }

    public void Dispose() => _reference.Dispose();

    private double Reward(LlamaGenPolicy policy, double noise, CancellationToken cancellationToken)
    {
        var options = new AlignmentOptions { ImagesPerRollout = 16, GroupSize = GroupSize, ContextNoise = noise, Seed = _seed + 2000 };
        return HeldOutReward.Measure(policy, _tokenizer, _reward, _crops, options, HeldOutCrops, cancellationToken).Mean;
    }

    private double Frechet(LlamaGenPolicy policy, Action<int> advanced, CancellationToken cancellationToken)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        var rows = new List<Tensor>();
        for (int done = 0; done < _samples; done += GenerationBatch)
        {
            using DisposeScope inBatch = NewDisposeScope();
            using var condition = new ClassCondition(_labels.Slice(done, Math.Min(GenerationBatch, _samples - done))); // the classes of the crops compared with
            var options = new GenerationOptions { Seed = (ulong)(_seed + 1) * 1_000_000 + (ulong)done };
            Tensor tokens = policy.Generate(condition, options, cancellationToken);
            foreach (Tensor part in tokens.split(DecodeBatch))
            {
                cancellationToken.ThrowIfCancellationRequested();
                rows.Add(_features.Pooled(_tokenizer.Decode(part).clamp_(-1, 1)).MoveToOuterDisposeScope());
                advanced(1);
            }
        }

        return FrechetDistance.Between(_reference, cat(rows));
    }
}
