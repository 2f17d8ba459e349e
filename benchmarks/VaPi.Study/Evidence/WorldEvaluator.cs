using TorchSharp;
using VaPi.Alignment;
using VaPi.Evaluation;
using VaPi.Generation;
using VaPi.Models.LlamaGen;
using VaPi.Rewards;
using VaPi.Study.BaseTraining;
using VaPi.Study.Worlds;
using static TorchSharp.torch;

namespace VaPi.Study.Evidence;

/// <summary>Measures policies of one world, always on the same images and with the same random numbers.</summary>
internal sealed class WorldEvaluator : IDisposable
{
    private const int Batch = 128;
    private const double NoisyPrefix = 0.5;
    private const int GroupSize = 8;

    private readonly List<ImageDraw[]> _draws = [];
    private readonly IImageSource _images;
    private readonly Tensor _reference;
    private readonly Reward _reward;
    private readonly int _seed;
    private readonly EvidenceSizes _sizes;
    private readonly IWorld _world;

    /// <param name="world">The world; stays the caller's.</param>
    /// <param name="reward">The world's reward; stays the caller's.</param>
    /// <param name="images">The world's validation or evaluation images.</param>
    /// <param name="sizes">How much is measured.</param>
    /// <param name="seed">Decides the images and all random numbers.</param>
    public WorldEvaluator(IWorld world, Reward reward, IImageSource images, EvidenceSizes sizes, int seed)
    {
        (_world, _reward, _images, _sizes, _seed) = (world, reward, images, sizes, seed);
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        var draws = new Draws(images, Batch, seed + 1000);
        var rows = new List<Tensor>();
        for (int done = 0; done < sizes.Samples; done += Batch)
        {
            _draws.Add([.. draws.Next(Math.Min(Batch, sizes.Samples - done))]);
            using ImageBatch batch = images.Read(_draws[^1]);
            rows.Add(world.Features.Pooled(batch.Images));
        }

        _reference = cat(rows).DetachFromDisposeScope(); // (N, F)
    }

    /// <summary>By name; see <see cref="EvidenceMeasures"/>.</summary>
    public Dictionary<string, double> Measure(LlamaGenPolicy policy, CancellationToken cancellationToken)
    {
        var measures = new Dictionary<string, double>
        {
            [EvidenceMeasures.RewardClean] = Reward(policy, 0, cancellationToken),
            [EvidenceMeasures.RewardNoisy] = Reward(policy, NoisyPrefix, cancellationToken),
            [EvidenceMeasures.NatsClean] = Nats(policy, 0),
            [EvidenceMeasures.NatsNoisy] = Nats(policy, NoisyPrefix),
        };

        // Free-running samples, one for the condition of each of the images that they are compared with.
        MeasureSamples((batch, seed) => policy.Generate(batch.Condition, new GenerationOptions { Seed = seed }, cancellationToken), measures, cancellationToken);
        return measures;
    }

    /// <summary>What of these can be measured of the images themselves, encoded and decoded.</summary>
    public Dictionary<string, double> MeasureTokenizer(CancellationToken cancellationToken)
    {
        var measures = new Dictionary<string, double>();
        MeasureSamples((batch, _) => _world.Tokenizer.Encode(batch.Images), measures, cancellationToken);
        return measures;
    }

    public void Dispose() => _reference.Dispose();

    private double Reward(LlamaGenPolicy policy, double noise, CancellationToken cancellationToken)
    {
        var options = new AlignmentOptions { ImagesPerRollout = 16, GroupSize = GroupSize, ContextNoise = noise, SamplesPerDecode = 64, Seed = _seed + 2000 };
        return HeldOutReward.Measure(policy, _world.Tokenizer, _reward, _images, options, _sizes.HeldOutImages, cancellationToken).Mean;
    }

    private double Nats(LlamaGenPolicy policy, double noise) =>
        BasePolicy.HeldOutNats(policy, _world.Tokenizer, new Draws(_images, Batch, _seed + 3000), _sizes.HeldOutImages, noise);

    /// <param name="tokensOf">The tokens of a sample for each image of a batch, (N, T), given a seed.</param>
    /// <param name="measures">Gets the measures.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    private void MeasureSamples(Func<ImageBatch, ulong, Tensor> tokensOf, Dictionary<string, double> measures, CancellationToken cancellationToken)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        ISampleVerifier? verifier = _world.Verifier(_images);
        var rows = new List<Tensor>();
        ulong seed = (ulong)(_seed + 1) * 1_000_000;
        foreach (ImageDraw[] draws in _draws)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using DisposeScope inBatch = NewDisposeScope();
            using ImageBatch batch = _images.Read(draws);
            Tensor samples = _world.Tokenizer.Decode(tokensOf(batch, seed)).clamp_(-1, 1); // (N, 3, H, W)
            rows.Add(_world.Features.Pooled(samples).MoveToOuterDisposeScope());
            verifier?.Add(draws, samples);
            seed += (ulong)draws.Length;
        }

        measures[EvidenceMeasures.Frechet] = FrechetDistance.Between(_reference, cat(rows));
        foreach ((string name, double score) in verifier?.Scores ?? [])
            measures[name] = score;
    }
}
