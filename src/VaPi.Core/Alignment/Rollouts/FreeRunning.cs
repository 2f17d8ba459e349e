using TorchSharp;
using VaPi.Compute;
using VaPi.Generation;
using static TorchSharp.torch;

namespace VaPi.Alignment.Rollouts;

/// <summary>
/// The rollout of alternatives such as AR-GRPO: the policy generates whole images freely, each token conditioned on those it
/// drew before, a group of them for the condition of every image that the trainer reads. Of that image nothing but the condition
/// is used, so there are no originals to compare with and no true tokens: rewards judge the sample, and the prior term is left out.
/// </summary>
/// <remarks>
/// Needs a policy that is an <see cref="ITokenGenerator"/>. Every sample has a prefix of its own, so a group of G samples costs G
/// forward and backward passes of the policy beside the generation, where teacher-forced rollouts need one.
/// </remarks>
public sealed class FreeRunning : IRolloutSource
{
    private readonly double _guidance = 1;
    private readonly int? _samplesAtATime;

    /// <summary>
    /// The scale of classifier-free guidance while generating; 1 for none. The ratio is taken of the policy without guidance
    /// either way, so what is above 1 makes samples that the trained distribution would draw less often.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1 or not finite.</exception>
    public double Guidance
    {
        get => _guidance;
        init => _guidance = value >= 1 && double.IsFinite(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, $"{nameof(Guidance)} must be 1 (none) or above.");
    }

    /// <summary>The samples generated side by side; at least 1, null for all of a rollout. Fewer need less memory for their caches, and change no sample.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is below 1.</exception>
    public int? SamplesAtATime
    {
        get => _samplesAtATime;
        init => _samplesAtATime = value is not < 1
            ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, $"{nameof(SamplesAtATime)} must be 1 or more, or null for all.");
    }

    /// <inheritdoc/>
    public bool HasTargets => false;

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The policy cannot generate.</exception>
    public Rollout Collect(RolloutRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        ITokenGenerator generator = request.Policy as ITokenGenerator ?? throw new InvalidOperationException(CannotGenerate(request.Policy));
        using DisposeScope scope = NewDisposeScope();
        Condition condition = OfSamples(request);
        try
        {
            Tensor tokens = Generate(generator, condition, request); // (B G, T)
            (GroupSample sampled, Tensor? features) = Examine(condition, tokens, request);
            return new Rollout
            {
                Condition = condition,
                OwnsCondition = true,
                Context = tokens.MoveToOuterDisposeScope(),
                Samples = sampled.Tokens.MoveToOuterDisposeScope(),
                OldLogProbabilities = sampled.LogProbabilities.MoveToOuterDisposeScope(),
                Support = request.Options.FilteredRatio == FilteredRatio.SharedSupport ? sampled.Support?.MoveToOuterDisposeScope() : null,
                Features = features?.MoveToOuterDisposeScope(),
                Entropy = sampled.Entropy.MoveToOuterDisposeScope(),
            };
        }
        catch
        {
            condition.Dispose();
            throw;
        }
    }

    internal static string CannotGenerate(IAutoregressivePolicy policy) =>
        $"{nameof(FreeRunning)} rollouts need a policy that generates ({nameof(ITokenGenerator)}), which {policy.GetType().Name} does not. Implement it, or use {nameof(TeacherForced)} rollouts.";

    // The condition of every image G times, image by image.
    private static Condition OfSamples(RolloutRequest request)
    {
        int groupSize = request.Options.GroupSize;
        return request.Condition.Select([.. Enumerable.Range(0, request.Condition.Count * groupSize).Select(sample => sample / groupSize)]);
    }

    private Tensor Generate(ITokenGenerator generator, Condition condition, RolloutRequest request)
    {
        var options = new GenerationOptions
        {
            Guidance = Guidance,
            Temperature = request.Options.Temperature,
            TopK = request.Options.TopK,
            TopP = request.Options.TopP,
            Seed = request.Random.SamplingSeed(),
        };
        var parts = new List<Tensor>();
        foreach ((int first, int count) in Parts(condition.Count, SamplesAtATime ?? condition.Count))
        {
            using Condition part = condition.Select([.. Enumerable.Range(first, count)]);
            parts.Add(generator.Generate(part, options with { Seed = unchecked(options.Seed + (ulong)first) }, request.CancellationToken));
        }

        return cat(parts);
    }

    // As a minibatch would, which also says how many fit into memory; all at once where the features are kept for training.
    private static (GroupSample Sampled, Tensor? Features) Examine(Condition condition, Tensor tokens, RolloutRequest request)
    {
        AlignmentOptions options = request.Options;
        int atATime = request.KeepFeatures ? condition.Count : Minibatches.Size(options);
        int chunkLength = options.PositionsPerChunk ?? PositionChunks.DefaultLength(Math.Min(atATime, condition.Count), request.Policy.VocabularySize);
        var parts = new List<(GroupSample Sampled, int Count)>();
        Tensor? kept = null;
        foreach ((int first, int count) in Parts(condition.Count, atATime))
        {
            request.CancellationToken.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            using Condition part = condition.Select([.. Enumerable.Range(first, count)]);
            Tensor own = tokens.narrow(0, first, count);
            Tensor features = Forward(request, part, own); // (n, T, D)
            GroupSample sampled = GroupSampling.OfGiven(request.Policy.Head, features, own.unsqueeze(1), options.Temperature, options.TopK, options.TopP, chunkLength);
            foreach (Tensor? tensor in new[] { sampled.Tokens, sampled.LogProbabilities, sampled.Support, sampled.Entropy })
                tensor?.MoveToOuterDisposeScope();
            parts.Add((sampled, count));
            if (request.KeepFeatures)
                kept = features.MoveToOuterDisposeScope();
        }

        return (Joined(parts), kept);
    }

    private static GroupSample Joined(List<(GroupSample Sampled, int Count)> parts) => parts is [(GroupSample whole, _)] ? whole : new GroupSample(
        cat([.. parts.Select(part => part.Sampled.Tokens)]),
        cat([.. parts.Select(part => part.Sampled.LogProbabilities)]),
        TruthLogProbabilities: null,
        parts[0].Sampled.Support is null ? null : cat([.. parts.Select(part => part.Sampled.Support!)]),
        parts.Select(part => part.Sampled.Entropy * part.Count).Aggregate((sum, next) => sum + next) / parts.Sum(part => part.Count));

    private static Tensor Forward(RolloutRequest request, Condition condition, Tensor context)
    {
        using IDisposable gradients = set_grad_enabled(request.KeepFeatures);
        return request.Policy.Features(condition, context, request.Mode);
    }

    private static IEnumerable<(int First, int Count)> Parts(int whole, int atATime)
    {
        for (int first = 0; first < whole; first += atATime)
            yield return (first, Math.Min(atATime, whole - first));
    }
}
