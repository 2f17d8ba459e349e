using TorchSharp;
using VaPi.Data;
using VaPi.Evaluation.Likelihood;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Evaluation.Tests.Likelihood;

public sealed class HeldOutLikelihoodTests : IDisposable
{
    private const double Deviation = 0.5;

    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly SmallWorld _world = new();

    private LikelihoodOptions Options { get; } = new() { Images = 6, ImagesPerBatch = 4, SamplesPerImage = 3, ContextNoise = 0, PixelDeviation = Deviation, SamplesPerDecode = 5 };

    [Fact]
    public void Both_terms_of_the_bound_are_the_sums_over_all_sequences()
    {
        LikelihoodReport report = Measure(Options with { SamplesPerImage = 4000, ImagesPerBatch = 600, SamplesPerDecode = 4096 });

        Tensor sequences = SmallWorld.Sequences(); // (81, T)
        for (int image = 0; image < 6; image++)
        {
            // Without noise the posterior is forced on the truth, and each position is drawn for itself.
            Tensor posterior = SmallWorld.Forced(_world.Policy, Labels(image), Repeated(_world.Truth[image]), sequences).sum(-1); // (81)
            Tensor prior = SmallWorld.Forced(_world.Policy, Labels(image), sequences, sequences).sum(-1);
            Tensor density = _world.LogDensity(image, Deviation);
            Close(density, posterior, report.Elbo.Reconstruction.Values[image]);
            Close(posterior - prior, posterior, report.Elbo.Divergence.Values[image]);

            // It is a bound, and the prior is a distribution.
            Assert.Equal(0, prior.logsumexp(0).item<double>(), 1e-9);
            double evidence = (prior + density).logsumexp(0).item<double>();
            double bound = (posterior.exp() * (density + prior - posterior)).sum().item<double>();
            Assert.True(bound < evidence);
            Close(density + prior - posterior, posterior, report.Elbo.Bound.Values[image]);
        }
    }

    [Fact]
    public void The_bound_is_reconstruction_less_divergence_image_by_image()
    {
        LikelihoodReport report = Measure(Options);

        for (int image = 0; image < 6; image++)
        {
            Assert.Equal(report.Elbo.Reconstruction.Values[image] - report.Elbo.Divergence.Values[image], report.Elbo.Bound.Values[image], 1e-12);
            double density = -24 * (report.Elbo.SampleError.Values[image] / (Deviation * Deviation) + Math.Log(2 * Math.PI * Deviation * Deviation));
            Assert.Equal(density, report.Elbo.Reconstruction.Values[image], 1e-9);
        }
    }

    [Fact]
    public void Another_prior_changes_the_divergence_and_nothing_else()
    {
        using var other = new ToyPolicy(_world.Tokenizer, classes: 2, dtype: ScalarType.Float64, seed: 77);
        using IReferencePolicy own = _world.Policy.CreateReference();
        using IReferencePolicy foreign = other.CreateReference();

        LikelihoodReport byDefault = Measure(Options);
        LikelihoodReport withOwn = HeldOutLikelihood.Measure(_world.Policy, _world.Tokenizer, _world.Images, Options, prior: own);
        LikelihoodReport withForeign = HeldOutLikelihood.Measure(_world.Policy, _world.Tokenizer, _world.Images, Options, prior: foreign);

        Assert.Equal(byDefault.Elbo.Divergence.Mean, withOwn.Elbo.Divergence.Mean, 1e-4); // references answer in float32
        Assert.True(Math.Abs(withForeign.Elbo.Divergence.Mean - byDefault.Elbo.Divergence.Mean) > 0.1);
        Assert.Equal(byDefault.Elbo.Reconstruction.Values, withForeign.Elbo.Reconstruction.Values);
    }

    [Fact]
    public void A_clean_prefix_is_the_truth_and_a_noisy_one_without_noise_too()
    {
        LikelihoodReport report = Measure(Options);

        Tensor expected = SmallWorld.Forced(_world.Policy, _world.Condition, _world.Truth, _world.Truth); // (N, T)
        Close(expected.mean([1]), report.Exposure.Clean.PerToken.Values);
        Close(expected.mean([0]), report.Exposure.Clean.ByPosition);
        Assert.Equal(report.Exposure.Clean.PerToken.Values, report.Exposure.Noisy.PerToken.Values);
        Assert.Equal(0, report.Exposure.NoisyGap.Mean);
        Assert.Equal(Math.Exp(-expected.mean().item<double>()), report.Exposure.Clean.Perplexity, 1e-9);
    }

    [Fact]
    public void The_first_token_has_no_prefix_that_noise_could_spoil()
    {
        LikelihoodReport report = Measure(Options with { ContextNoise = 1 });

        ExposureBias exposure = report.Exposure;
        Assert.Equal(exposure.Clean.ByPosition[0], exposure.Noisy.ByPosition[0], 1e-12);
        Assert.Equal(exposure.Clean.ByPosition[0], exposure.Sampled.ByPosition[0], 1e-12);
        Assert.All(Enumerable.Range(1, 3), position => Assert.NotEqual(exposure.Clean.ByPosition[position], exposure.Noisy.ByPosition[position], 1e-6));
        Assert.Equal(exposure.Clean.PerToken.Mean - exposure.Noisy.PerToken.Mean, exposure.NoisyGap.Mean, 1e-12);
    }

    [Fact]
    public void Full_noise_is_uniform_over_the_codebook()
    {
        LikelihoodReport report = Measure(Options with { Images = 3000, ImagesPerBatch = 500, ContextNoise = 1, SamplesPerImage = 1, SamplesPerDecode = 3000 });

        Tensor sequences = SmallWorld.Sequences();
        double expected = Enumerable.Range(0, 6).Average(image => SmallWorld.Forced(_world.Policy, Labels(image), sequences, Repeated(_world.Truth[image])).mean().item<double>());
        double tolerance = 5 * report.Exposure.Noisy.PerToken.StandardError;
        Assert.Equal(expected, report.Exposure.Noisy.PerToken.Mean, tolerance);
        Assert.True(Math.Abs(expected - report.Exposure.Clean.PerToken.Mean) > tolerance, "The test would not notice a clean prefix.");
    }

    [Fact]
    public void A_prefix_of_own_samples_is_one_draw_of_the_forced_policy()
    {
        LikelihoodReport report = Measure(Options with { Images = 3000, ImagesPerBatch = 500, SamplesPerImage = 1, SamplesPerDecode = 3000 });

        Tensor sequences = SmallWorld.Sequences();
        double Expected(int image)
        {
            Tensor drawn = SmallWorld.Forced(_world.Policy, Labels(image), Repeated(_world.Truth[image]), sequences).sum(-1).exp(); // (81)
            Tensor likelihoods = SmallWorld.Forced(_world.Policy, Labels(image), sequences, Repeated(_world.Truth[image])).mean([1]);
            return (drawn * likelihoods).sum().item<double>();
        }

        double expected = Enumerable.Range(0, 6).Average(Expected);
        Assert.Equal(expected, report.Exposure.Sampled.PerToken.Mean, 5 * report.Exposure.Sampled.PerToken.StandardError);
    }

    [Fact]
    public void A_self_generated_prefix_is_what_the_generator_gave()
    {
        Tensor generated = SmallWorld.Sequences().narrow(0, 30, 6); // (N, T)
        var generator = new SmallWorld.Scripted(generated);

        LikelihoodReport report = HeldOutLikelihood.Measure(_world.Policy, _world.Tokenizer, _world.Images, Options with { Seed = 100 }, generator: generator);

        Close(SmallWorld.Forced(_world.Policy, _world.Condition, generated, _world.Truth).mean([1]), report.Exposure.Generated!.PerToken.Values);
        Assert.Equal([100UL, 104UL], generator.Seeds); // the second batch begins with image 4
        Assert.Equal(report.Exposure.Clean.PerToken.Mean - report.Exposure.Generated.PerToken.Mean, report.Exposure.GeneratedGap!.Mean, 1e-12);
        Assert.Null(Measure(Options).Exposure.Generated); // the policy itself generates nothing
    }

    [Fact]
    public void Batches_and_chunks_decide_nothing_and_the_seed_does()
    {
        LikelihoodOptions options = Options with { ContextNoise = 0.5 };

        LikelihoodReport report = Measure(options);
        LikelihoodReport other = Measure(options with { ImagesPerBatch = 1, SamplesPerDecode = 1 });
        LikelihoodReport reseeded = Measure(options with { Seed = 1 });

        Assert.All(report.Rows.Zip(other.Rows), pair => Assert.All(pair.First.Value.Values.Zip(pair.Second.Value.Values), values => Assert.Equal(values.First, values.Second, 1e-9)));
        Assert.NotEqual(report.Exposure.Noisy.PerToken.Mean, reseeded.Exposure.Noisy.PerToken.Mean, 1e-9);
        Assert.NotEqual(report.Elbo.Divergence.Mean, reseeded.Elbo.Divergence.Mean, 1e-9);
    }

    [Fact]
    public void The_pixels_deviation_is_the_tokenizers_own_unless_it_is_given()
    {
        LikelihoodReport report = Measure(Options with { PixelDeviation = null });

        double error = (_world.Tokenizer.Decode(_world.Truth) - _world.Pixels).to(ScalarType.Float64).square().mean().item<double>();
        Assert.Equal(error, report.Elbo.TokenizerError.Mean, 1e-12);
        Assert.Equal(Math.Sqrt(error), report.Elbo.PixelDeviation, 1e-12);

        using TensorImageSource exact = ImageSource.FromTensors(_world.Tokenizer.Decode(_world.Truth), _world.Condition);
        var nothingLost = Assert.Throws<InvalidOperationException>(() => HeldOutLikelihood.Measure(_world.Policy, _world.Tokenizer, exact, Options with { PixelDeviation = null }));
        Assert.Contains("PixelDeviation", nothingLost.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_policies_are_compared_in_pairs()
    {
        using var other = new ToyPolicy(_world.Tokenizer, classes: 2, dtype: ScalarType.Float64, seed: 77);
        LikelihoodReport before = Measure(Options);
        LikelihoodReport after = HeldOutLikelihood.Measure(other, _world.Tokenizer, _world.Images, Options with { ImagesPerBatch = 2 });

        LikelihoodChange change = after.Since(before);

        for (int row = 0; row < before.Rows.Count; row++)
        {
            Assert.Equal(after.Rows[row].Value.Mean - before.Rows[row].Value.Mean, change.Differences[row].Value.Mean, 1e-9);
            Assert.Contains($"| {before.Rows[row].Name} | {before.Rows[row].Unit} | {before.Rows[row].Value} | {after.Rows[row].Value} | {change.Differences[row].Value} |", change.ToString(), StringComparison.Ordinal);
        }

        Assert.Throws<ArgumentException>(() => after.Since(Measure(Options with { ContextNoise = 0.5 })));
        Assert.Throws<ArgumentException>(() => after.Since(Measure(Options with { PixelDeviation = null })));
        Assert.Throws<ArgumentException>(() => after.Since(HeldOutLikelihood.Measure(_world.Policy, _world.Tokenizer, _world.Images, Options, generator: new SmallWorld.Scripted(_world.Truth))));
    }

    [Fact]
    public void What_does_not_fit_is_named_and_all_wrong_options_at_once()
    {
        using var larger = new ToyTokenizer(colours: 5, grid: 2, cell: 2);
        using var longer = new ToyTokenizer(colours: 3, grid: 3, cell: 2);

        Assert.Contains("3 tokens but the tokenizer has 5", Assert.Throws<ArgumentException>(() => HeldOutLikelihood.Measure(_world.Policy, larger, _world.Images, Options)).Message, StringComparison.Ordinal);
        Assert.Contains("layout 3x3 has 9", Assert.Throws<ArgumentException>(() => HeldOutLikelihood.Measure(_world.Policy, longer, _world.Images, Options)).Message, StringComparison.Ordinal);
        string message = Assert.Throws<ArgumentException>(() => Measure(new() { Images = 1, ImagesPerBatch = 0, SamplesPerImage = 0, ContextNoise = double.NaN, PixelDeviation = 0, SamplesPerDecode = 0 })).Message;
        Assert.All(["Images is 1", "ImagesPerBatch is 0", "SamplesPerImage is 0", "ContextNoise is NaN", "PixelDeviation is 0", "SamplesPerDecode is 0"], part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    [Fact]
    public void It_stops_when_asked_and_leaves_no_tensor_behind()
    {
        using var stopped = new CancellationTokenSource();
        stopped.Cancel();
        Assert.Throws<OperationCanceledException>(() => HeldOutLikelihood.Measure(_world.Policy, _world.Tokenizer, _world.Images, Options, cancellationToken: stopped.Token));

        using DisposeScope scope = NewDisposeScope();
        Measure(Options);
        Assert.Equal(0, scope.DisposablesCount);
    }

    public void Dispose()
    {
        _scope.Dispose();
        _world.Dispose();
    }

    private LikelihoodReport Measure(LikelihoodOptions options) => HeldOutLikelihood.Measure(_world.Policy, _world.Tokenizer, _world.Images, options);

    private static Tensor Repeated(Tensor tokens) => tokens.unsqueeze(0).expand(81, -1).contiguous();

    private static ClassCondition Labels(int image) => new(Enumerable.Repeat((long)image % 2, 81));

    // Within five standard errors of 4,000 draws, and no wider than what could tell the terms apart.
    private static void Close(Tensor values, Tensor logProbabilities, double estimate)
    {
        Tensor probabilities = logProbabilities.exp();
        double mean = (probabilities * values).sum().item<double>();
        double variance = (probabilities * (values - mean).square()).sum().item<double>();
        Assert.Equal(mean, estimate, 5 * Math.Sqrt(variance / 4000));
    }

    private static void Close(Tensor expected, IReadOnlyList<double> measured)
    {
        double[] values = expected.data<double>().ToArray();
        Assert.Equal(values.Length, measured.Count);
        Assert.All(values.Zip(measured), pair => Assert.Equal(pair.First, pair.Second, 1e-9));
    }
}
