using TorchSharp;
using VaPi.Alignment.Metrics;
using VaPi.Alignment.Reading;
using VaPi.Alignment.Rollouts;
using VaPi.Alignment.State;
using VaPi.Data;
using static TorchSharp.torch;

namespace VaPi.Alignment;

/// <summary>
/// Measures the reward of a policy's teacher-forced samples on images it is not trained on. The same seed draws the same
/// images, noise and random numbers, so that policies can be compared in pairs.
/// </summary>
public static class HeldOutReward
{
    /// <summary>Samples as a rollout does, without training.</summary>
    /// <param name="policy">The policy; stays as it is.</param>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="reward">The reward.</param>
    /// <param name="images">The images. Those that cannot be read are passed over, as in a run.</param>
    /// <param name="options">
    /// <see cref="AlignmentOptions.ImagesPerRollout"/>, group size, context noise (its value at the first rollout), temperature
    /// and filters, chunk sizes, seeds, and the share of images that may be unreadable; the rest is not used.
    /// </param>
    /// <param name="imageCount">The images to measure on, at least 1; more than the source has are drawn again with other crops.</param>
    /// <param name="cancellationToken">Stops between chunks.</param>
    /// <returns>The mean over all samples, and the deviations.</returns>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">Options are out of range.</exception>
    /// <exception cref="Data.ImageDataException">More images than <see cref="AlignmentOptions.MaximumUnreadableShare"/> cannot be read.</exception>
    public static RewardStatistics Measure(
        IAutoregressivePolicy policy,
        ITokenizer tokenizer,
        IRewardFunction reward,
        IImageSource images,
        AlignmentOptions options,
        int imageCount,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(reward);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(imageCount, 1);
        AlignmentOptionsValidator.ThrowIfInvalid(options);

        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using RolloutRandom random = RolloutRandom.Of(options);
        var reader = new BatchReader(images, new DataOrder(images.Count, options.DataSeed ?? options.Seed), options.MaximumUnreadableShare);
        var rollouts = new TeacherForced();
        var scoring = new GroupScoring(tokenizer, reward, options.SamplesPerDecode);
        var values = new List<Tensor>();
        for (int done = 0; done < imageCount; done += options.ImagesPerRollout)
        {
            using DisposeScope inBatch = NewDisposeScope();
            using ReadBatch read = reader.Next(Math.Min(options.ImagesPerRollout, imageCount - done), cancellationToken);
            KnownTokens.Check(read.Images, tokenizer);
            using ImageBatch batch = read.Images.To(policy.Device);
            using Rollout rollout = rollouts.Collect(new RolloutRequest
            {
                Index = 0,
                Images = batch.Images,
                Tokens = batch.Tokens,
                Condition = batch.Condition,
                Tokenizer = tokenizer,
                Policy = policy,
                Options = options,
                ContextNoise = options.ContextNoise.At(0),
                Random = random,
                KeepFeatures = false,
            });
            using RewardBatch scored = scoring.Score(batch.Images, batch.Condition, rollout.Samples, cancellationToken);
            values.Add(scored.Values.alias().MoveToOuterDisposeScope());
        }

        return RewardStatistics.Of(cat(values));
    }
}
