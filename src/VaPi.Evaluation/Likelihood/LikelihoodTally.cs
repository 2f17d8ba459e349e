using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Evaluation.Likelihood;

/// <summary>Gathers what batches gave, image by image, in float64.</summary>
internal sealed class LikelihoodTally
{
    private readonly PrefixTally _clean = new();
    private readonly PrefixTally _noisy = new();
    private readonly PrefixTally _sampled = new();
    private readonly PrefixTally _generated = new();
    private readonly List<double> _divergences = [];
    private readonly List<double> _sampleErrors = [];
    private readonly List<double> _tokenizerErrors = [];

    /// <summary>Log-probabilities of the true tokens under each prefix, (B, T) each; generated is null where nothing generates.</summary>
    public void AddPrefixes(Tensor clean, Tensor noisy, Tensor sampled, Tensor? generated)
    {
        _clean.Add(clean);
        _noisy.Add(noisy);
        _sampled.Add(sampled);
        if (generated is not null)
            _generated.Add(generated);
    }

    /// <summary>Of the posterior's samples, log q - log p and squared error, (B, G) each, and the tokenizer's own error, (B, 1).</summary>
    public void AddPosterior(Tensor logRatios, Tensor sampleErrors, Tensor tokenizerErrors)
    {
        _divergences.AddRange(OfImages(logRatios));
        _sampleErrors.AddRange(OfImages(sampleErrors));
        _tokenizerErrors.AddRange(OfImages(tokenizerErrors));
    }

    /// <param name="options">What was measured with.</param>
    /// <param name="values">The values of an image: pixels times channels.</param>
    public LikelihoodReport Report(LikelihoodOptions options, long values)
    {
        double deviation = options.PixelDeviation ?? Math.Sqrt(_tokenizerErrors.Average());
        if (!(deviation > 0))
            throw new InvalidOperationException($"The tokenizer decodes the images' tokens with a mean squared error of {_tokenizerErrors.Average()}, which says nothing of σ. Set {nameof(LikelihoodOptions)}.{nameof(LikelihoodOptions.PixelDeviation)}.");
        double variance = deviation * deviation;
        var elbo = new EvidenceBound(
            new ImageEstimate(_sampleErrors.Select(error => -0.5 * values * (error / variance + Math.Log(2 * Math.PI * variance)))),
            new ImageEstimate(_divergences),
            new ImageEstimate(_sampleErrors),
            new ImageEstimate(_tokenizerErrors),
            deviation);
        var exposure = new ExposureBias(_clean.Likelihood()!, _noisy.Likelihood()!, _sampled.Likelihood()!, _generated.Likelihood(), options.ContextNoise);
        return new LikelihoodReport(elbo, exposure, options);
    }

    // The mean over an image's samples.
    private static double[] OfImages(Tensor values)
    {
        using DisposeScope scope = NewDisposeScope();
        return values.to(ScalarType.Float64).mean([1]).cpu().data<double>().ToArray();
    }

    private sealed class PrefixTally
    {
        private readonly List<double> _perToken = [];
        private double[] _byPosition = [];

        /// <param name="logProbabilities">(B, T).</param>
        public void Add(Tensor logProbabilities)
        {
            _perToken.AddRange(OfImages(logProbabilities));
            using DisposeScope scope = NewDisposeScope();
            double[] sums = logProbabilities.sum([0]).cpu().data<double>().ToArray();
            _byPosition = _byPosition.Length == 0 ? sums : [.. _byPosition.Zip(sums, (left, right) => left + right)];
        }

        public PrefixLikelihood? Likelihood() => _perToken.Count == 0
            ? null
            : new PrefixLikelihood(new ImageEstimate(_perToken), [.. _byPosition.Select(sum => sum / _perToken.Count)]);
    }
}
