using TorchSharp;
using VaPi.Alignment;
using VaPi.Evaluation;
using VaPi.Evaluation.Likelihood;
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
    private const int HeldOutBatch = 32;
    private const double NoisyPrefix = 0.5;
    private const int GroupSize = 8;
    private const int ExampleCount = 12;

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

    /// <summary>Measures a policy.</summary>
    /// <param name="policy">Stays as it is.</param>
    /// <param name="start">The policy that it was trained from: the prior of the ELBO, and what the KL is to. Stays as it is.</param>
    /// <param name="temperature">Of the free-running samples.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public Measured Measure(LlamaGenPolicy policy, LlamaGenPolicy start, double temperature, CancellationToken cancellationToken)
    {
        LikelihoodReport likelihood = Likelihood(policy, start, cancellationToken);
        ExposureBias exposure = likelihood.Exposure;
        var measures = new Dictionary<string, double>
        {
            [EvidenceMeasures.RewardClean] = Reward(policy, 0, cancellationToken),
            [EvidenceMeasures.RewardNoisy] = Reward(policy, NoisyPrefix, cancellationToken),
            [EvidenceMeasures.NatsClean] = -exposure.Clean.PerToken.Mean,
            [EvidenceMeasures.NoisyGap] = exposure.NoisyGap.Mean,
            [EvidenceMeasures.SampledGap] = exposure.SampledGap.Mean,
            [EvidenceMeasures.GeneratedGap] = exposure.GeneratedGap!.Mean, // the policy generates
            [EvidenceMeasures.Reconstruction] = likelihood.Elbo.Reconstruction.Mean,
            [EvidenceMeasures.Divergence] = likelihood.Elbo.Divergence.Mean,
            [EvidenceMeasures.Elbo] = likelihood.Elbo.Bound.Mean,
        };
        (measures[EvidenceMeasures.KlDivergence], measures[EvidenceMeasures.Entropy]) = Distributions(policy, start, cancellationToken);

        // Free-running samples, one for the condition of each of the images that they are compared with.
        return MeasureSamples((batch, seed) => policy.Generate(batch.Condition, new GenerationOptions { Seed = seed, Temperature = temperature }, cancellationToken), measures, cancellationToken);
    }

    /// <summary>What of these can be measured of the images themselves, encoded and decoded.</summary>
    public Measured MeasureTokenizer(CancellationToken cancellationToken) =>
        MeasureSamples((batch, _) => _world.Tokenizer.Encode(batch.Images), [], cancellationToken);

    public void Dispose() => _reference.Dispose();

    private double Reward(LlamaGenPolicy policy, double noise, CancellationToken cancellationToken)
    {
        var options = new AlignmentOptions { ImagesPerRollout = 16, GroupSize = GroupSize, ContextNoise = noise, SamplesPerDecode = 64, Seed = _seed + 2000 };
        return HeldOutReward.Measure(policy, _world.Tokenizer, _reward, _images, options, _sizes.HeldOutImages, cancellationToken).Mean;
    }

    private LikelihoodReport Likelihood(LlamaGenPolicy policy, LlamaGenPolicy start, CancellationToken cancellationToken)
    {
        var options = new LikelihoodOptions { Images = _sizes.HeldOutImages, ContextNoise = NoisyPrefix, SamplesPerDecode = 64, Seed = _seed + 3000 };
        using IReferencePolicy prior = start.CreateReference();
        return HeldOutLikelihood.Measure(policy, _world.Tokenizer, _images, options, prior, cancellationToken: cancellationToken);
    }

    // KL(policy ‖ start) and the policy's entropy, exact at every position and under the images' own tokens: what the steps of a run
    // say of both is of its own contexts, which noise and free running make others.
    private (double Divergence, double Entropy) Distributions(LlamaGenPolicy policy, LlamaGenPolicy start, CancellationToken cancellationToken)
    {
        using IDisposable gradients = no_grad();
        (double divergence, double entropy) = (0, 0);
        ImageDraw[] heldOut = [.. _draws.SelectMany(draws => draws).Take(_sizes.HeldOutImages)];
        foreach (ImageDraw[] draws in heldOut.Chunk(HeldOutBatch))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            using ImageBatch batch = _images.Read(draws);
            Tensor tokens = _world.Tokenizer.Encode(batch.Images); // (N, T)
            Tensor LogProbabilities(LlamaGenPolicy of) => of.Head(of.Features(batch.Condition, tokens, PolicyMode.Evaluation)).to(ScalarType.Float64).log_softmax(-1); // (N, T, V)
            Tensor logarithms = LogProbabilities(policy);
            Tensor probabilities = logarithms.exp();
            divergence += (probabilities * (logarithms - LogProbabilities(start))).sum(-1).mean([1]).sum().item<double>();
            entropy -= (probabilities * logarithms).sum(-1).mean([1]).sum().item<double>();
        }

        return (divergence / heldOut.Length, entropy / heldOut.Length);
    }

    /// <param name="tokensOf">The tokens of a sample for each image of a batch, (N, T), given a seed.</param>
    /// <param name="measures">What has been measured already; the rest is added.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    private Measured MeasureSamples(Func<ImageBatch, ulong, Tensor> tokensOf, Dictionary<string, double> measures, CancellationToken cancellationToken)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        ISampleVerifier? verifier = _world.Verifier(_images);
        var rows = new List<Tensor>();
        var examples = new List<long[]>();
        ulong seed = (ulong)(_seed + 1) * 1_000_000;
        foreach (ImageDraw[] draws in _draws)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using DisposeScope inBatch = NewDisposeScope();
            using ImageBatch batch = _images.Read(draws);
            Tensor tokens = tokensOf(batch, seed); // (N, T)
            Tensor samples = _world.Tokenizer.Decode(tokens).clamp_(-1, 1); // (N, 3, H, W)
            rows.Add(_world.Features.Pooled(samples).MoveToOuterDisposeScope());
            verifier?.Add(draws, samples);
            examples.AddRange(tokens.unbind().Take(ExampleCount - examples.Count).Select(sample => sample.data<long>().ToArray()));
            seed += (ulong)draws.Length;
        }

        Tensor features = cat(rows); // (N, F)
        measures[EvidenceMeasures.Frechet] = FrechetDistance.Between(_reference, features);
        PrecisionRecall manifolds = PrecisionRecall.Between(_reference, features);
        (measures[EvidenceMeasures.Precision], measures[EvidenceMeasures.Recall]) = (manifolds.Precision, manifolds.Recall);
        foreach ((string name, double score) in verifier?.Scores ?? [])
            measures[name] = score;
        return new Measured(measures, examples);
    }
}
