using System.Diagnostics;
using TorchSharp;
using VaPi.Compute;
using static TorchSharp.torch;

namespace VaPi.Alignment.Rollouts;

/// <summary>
/// The rollout of VA-π: the policy is forced on the image's own tokens with contextual noise, and from one forward pass an
/// image all samples of its group are drawn, every position independently.
/// </summary>
public sealed class TeacherForced : IRolloutSource
{
    /// <inheritdoc/>
    public bool HasTargets => true;

    /// <inheritdoc/>
    public Rollout Collect(RolloutRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        using DisposeScope scope = NewDisposeScope();
        long started = Stopwatch.GetTimestamp();
        Tensor truth = EncodeToTokens(request); // x*, (B, T)
        double encodeSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Tensor context = AddContextualNoise(request, truth); // (B, T)
        Tensor features = Forward(request, context); // (B, T, D)
        Tensor? perturbation = Perturbation(request, features); // (B, G, T, V)
        GroupSample group = SampleGroup(request, features, truth, perturbation);
        return new Rollout
        {
            Condition = request.Condition,
            Context = context.MoveToOuterDisposeScope(),
            Samples = group.Tokens.MoveToOuterDisposeScope(),
            OldLogProbabilities = group.LogProbabilities.MoveToOuterDisposeScope(),
            TrueTokens = truth.MoveToOuterDisposeScope(),
            TrueLogProbabilities = group.TruthLogProbabilities?.MoveToOuterDisposeScope(),
            Support = request.Options.FilteredRatio == FilteredRatio.SharedSupport ? group.Support?.MoveToOuterDisposeScope() : null,
            Features = request.KeepFeatures ? features.MoveToOuterDisposeScope() : null,
            Perturbation = perturbation?.MoveToOuterDisposeScope(),
            Entropy = group.Entropy.MoveToOuterDisposeScope(),
            EncodeSeconds = encodeSeconds,
        };
    }

    private static Tensor EncodeToTokens(RolloutRequest request)
    {
        Tensor tokens = request.Tokens?.alias() ?? Encoded(request);
        long[] expected = [request.Images.shape[0], request.Tokenizer.Layout.TokenCount];
        return tokens.shape.SequenceEqual(expected) && tokens.dtype == ScalarType.Int64
            ? tokens
            : throw new InvalidOperationException(
                $"{(request.Tokens is null ? "The tokenizer's Encode gave" : "The images come with")} {tokens.dtype} ({string.Join(", ", tokens.shape)}) where Int64 ({string.Join(", ", expected)}) was due. Check its Layout and Encode.");
    }

    // Encoding an image takes about what decoding one does, so as few exist at a time.
    private static Tensor Encoded(RolloutRequest request) =>
        cat([.. request.Images.split(request.Options.SamplesPerDecode).Select(request.Tokenizer.Encode)]);

    // One noisy prefix an image, shared by its whole group.
    private static Tensor AddContextualNoise(RolloutRequest request, Tensor truth)
    {
        Tensor uniforms = request.Random.NoiseUniforms(truth.device, truth.shape);
        Tensor replacements = request.Random.NoiseTokens(request.Tokenizer.CodebookSize, truth.device, truth.shape);
        return ContextualNoise.Apply(truth, request.ContextNoise, uniforms, replacements);
    }

    private static Tensor Forward(RolloutRequest request, Tensor context)
    {
        using IDisposable gradients = set_grad_enabled(request.KeepFeatures);
        return request.Policy.Features(request.Condition, context, request.Mode);
    }

    private static Tensor? Perturbation(RolloutRequest request, Tensor features) => request.KeepPerturbation
        ? request.Random.SamplingGumbels(features.device, features.shape[0], request.Options.GroupSize, features.shape[1], request.Policy.VocabularySize)
        : null;

    // Where the sampling forward is the training forward, it also has to say what the true tokens' log-probabilities are.
    private static GroupSample SampleGroup(RolloutRequest request, Tensor features, Tensor truth, Tensor? perturbation)
    {
        AlignmentOptions options = request.Options;
        Tensor? wanted = request.KeepFeatures ? truth : null;
        if (perturbation is not null)
        {
            return GroupSampling.DrawPerturbed(
                request.Policy.Head, features, perturbation, wanted, options.Temperature, options.TopK, options.TopP, ChunkLength(request));
        }

        Tensor uniforms = request.Random.SamplingUniforms(features.device, features.shape[0], features.shape[1], options.GroupSize);
        return GroupSampling.Draw(
            request.Policy.Head, features, uniforms, wanted, options.Temperature, options.TopK, options.TopP, ChunkLength(request));
    }

    private static int ChunkLength(RolloutRequest request) =>
        request.Options.PositionsPerChunk ?? PositionChunks.DefaultLength(request.Condition.Count, request.Policy.VocabularySize);
}
