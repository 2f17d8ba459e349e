using TorchSharp;
using VaPi.Generation;
using static TorchSharp.torch;

namespace VaPi.Evaluation.Likelihood;

/// <summary>
/// Measures what VA-π is about on images that a policy is not trained on: both terms of the evidence lower bound, and the
/// likelihood of the images' tokens under clean, noisy and self-made prefixes. Nothing is trained.
/// </summary>
public static class HeldOutLikelihood
{
    /// <summary>Measures one policy. The same options draw the same images, noise and random numbers for every policy.</summary>
    /// <param name="policy">The policy; stays as it is.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="images">Held-out images.</param>
    /// <param name="options">On what and how; the defaults if null.</param>
    /// <param name="prior">
    /// p(x), the prior over tokens: the pretrained policy's <see cref="IAutoregressivePolicy.CreateReference"/> to see how far the
    /// posterior has gone from it. Null for the policy itself, which bounds the likelihood that it and the decoder give an image.
    /// Stays the caller's.
    /// </param>
    /// <param name="generator">Generates images freely for the self-generated prefix; the policy itself if null and it can.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <returns>Estimates with standard errors over the images.</returns>
    /// <exception cref="ArgumentException">Options are out of range, or policy, tokenizer and images do not fit together.</exception>
    /// <exception cref="InvalidOperationException">The tokenizer loses nothing, so that σ must be given.</exception>
    public static LikelihoodReport Measure(
        IAutoregressivePolicy policy,
        ITokenizer tokenizer,
        IImageSource images,
        LikelihoodOptions? options = null,
        IReferencePolicy? prior = null,
        ITokenGenerator? generator = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(images);
        options ??= new LikelihoodOptions();
        options.Validate();
        ThrowUnlessFitting(policy, tokenizer, images);

        using IDisposable gradients = no_grad();
        using var random = new LikelihoodRandom(options.Seed);
        var tally = new LikelihoodTally();
        var decoding = new SampleErrors(tokenizer, options.SamplesPerDecode);
        generator ??= policy as ITokenGenerator;
        for (int done = 0; done < options.Images; done += options.ImagesPerBatch)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using DisposeScope inBatch = NewDisposeScope();
            using ImageBatch batch = Read(images, options, done, policy.Device);
            Tensor truth = TrueTokens(batch, tokenizer); // x*, (B, T)
            long[] shape = truth.shape;

            // The prefixes: the truth, the truth with noise, what the policy makes of the truth, and what it makes of nothing.
            Tensor noisy = where(random.NoiseUniforms(shape, policy.Device) < options.ContextNoise, random.NoiseTokens(policy.VocabularySize, shape, policy.Device), truth);
            ForcedPass onTruth = ForcedPass.Run(policy, batch.Condition, truth, truth, random.PrefixUniforms([shape[0], shape[1], 1], policy.Device));
            ForcedPass onNoise = ForcedPass.Run(policy, batch.Condition, noisy, truth, random.SampleUniforms([shape[0], shape[1], options.SamplesPerImage], policy.Device));
            ForcedPass onSample = ForcedPass.Run(policy, batch.Condition, onTruth.Samples!.squeeze(1), truth, uniforms: null);
            ForcedPass? onGenerated = generator is null ? null : ForcedPass.Run(policy, batch.Condition, Generated(generator, batch.Condition, options, done, cancellationToken), truth, uniforms: null);
            tally.AddPrefixes(onTruth.Truth, onNoise.Truth, onSample.Truth, onGenerated?.Truth);

            // The posterior is the pass on the noisy prefix; each of its samples is looked at as an image and as a prior draw.
            Tensor underPosterior = onNoise.SampleLogProbabilities!.sum(-1); // (B, G)
            Tensor underPrior = PriorScoring.Score(policy, prior, batch.Condition, onNoise.Samples!, options.ImagesPerBatch); // (B, G)
            tally.AddPosterior(
                underPosterior - underPrior,
                decoding.Of(batch.Images, onNoise.Samples!),
                decoding.Of(batch.Images, truth.unsqueeze(1)));
        }

        return tally.Report(options, 3L * tokenizer.ImageSize.Height * tokenizer.ImageSize.Width);
    }

    private static ImageBatch Read(IImageSource images, LikelihoodOptions options, int first, Device device)
    {
        int count = Math.Min(options.ImagesPerBatch, options.Images - first);
        using ImageBatch read = images.Read([.. Enumerable.Range(first, count).Select(index => new ImageDraw(index % images.Count, unchecked((ulong)options.Seed * 0x9E3779B97F4A7C15UL + (ulong)index)))]);
        return read.To(device);
    }

    private static Tensor TrueTokens(ImageBatch batch, ITokenizer tokenizer)
    {
        Tensor tokens = batch.Tokens is { } known && batch.TokenizerFingerprint == tokenizer.Fingerprint ? known.alias() : tokenizer.Encode(batch.Images);
        long[] expected = [batch.Count, tokenizer.Layout.TokenCount];
        return tokens.shape.SequenceEqual(expected) && tokens.dtype == ScalarType.Int64
            ? tokens
            : throw new InvalidOperationException(
                $"The tokenizer's Encode gave {tokens.dtype} ({string.Join(", ", tokens.shape)}) where Int64 ({string.Join(", ", expected)}) was due. Check its Layout and Encode.");
    }

    // The image at index i of a batch is drawn with seed + i, so that batches decide nothing.
    private static Tensor Generated(ITokenGenerator generator, Condition condition, LikelihoodOptions options, int first, CancellationToken cancellationToken) =>
        generator.Generate(condition, new GenerationOptions { Seed = unchecked((ulong)options.Seed + (ulong)first) }, cancellationToken);

    private static void ThrowUnlessFitting(IAutoregressivePolicy policy, ITokenizer tokenizer, IImageSource images)
    {
        if (policy.VocabularySize != tokenizer.CodebookSize)
            throw new ArgumentException($"The policy chooses from {policy.VocabularySize} tokens but the tokenizer has {tokenizer.CodebookSize}. Give a tokenizer and a policy that was trained on its tokens.", nameof(policy));
        if (policy.TokenCount != tokenizer.Layout.TokenCount)
            throw new ArgumentException($"The policy makes {policy.TokenCount} tokens an image but the tokenizer's layout {tokenizer.Layout} has {tokenizer.Layout.TokenCount}. Give both the same image size.", nameof(policy));
        if (images.ImageSize != tokenizer.ImageSize)
            throw new ArgumentException($"The images are {images.ImageSize} but the tokenizer takes {tokenizer.ImageSize}. Read them in that size.", nameof(images));
    }
}
