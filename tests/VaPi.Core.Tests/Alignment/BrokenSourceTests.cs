using VaPi.Alignment;
using VaPi.Alignment.Rollouts;
using VaPi.Tests.Toys;
using Xunit;

namespace VaPi.Tests.Alignment;

/// <summary>Image and rollout sources that break their contracts are named.</summary>
public class BrokenSourceTests
{
    [Fact]
    public void An_image_source_that_reads_too_few_images()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Builder().WithImages(new Sparing(world.Images)).Build();

        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => trainer.Step());

        Assert.Contains("Sparing was asked for 4 images and read 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rollout_source_that_claims_targets_but_gives_no_true_tokens()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Builder().WithRollouts(new Changing(rollout => Copy(rollout, features: false, truth: false))).Build();

        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => trainer.Step());

        Assert.Contains("Changing says that it has targets but gave no TrueTokens", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rollout_source_that_gives_features_where_they_cannot_be_used()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Builder(options => options.ImagesPerMinibatch = 2)
            .WithRollouts(new Changing(rollout => Copy(rollout, features: true, truth: true)))
            .Build();

        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => trainer.Step());

        Assert.Contains("gave Features although KeepFeatures is false", error.Message, StringComparison.Ordinal);
    }

    private static Rollout Copy(Rollout rollout, bool features, bool truth) => new()
    {
        Condition = rollout.Condition,
        Context = rollout.Context,
        Samples = rollout.Samples,
        OldLogProbabilities = rollout.OldLogProbabilities,
        TrueTokens = truth ? rollout.TrueTokens : null,
        Features = features ? rollout.OldLogProbabilities.clone() : null,
    };

    private sealed class Sparing(IImageSource inner) : IImageSource
    {
        public int Count => inner.Count;

        public ImageSize ImageSize => inner.ImageSize;

        public ImageBatch Read(IReadOnlyList<ImageDraw> draws) => inner.Read([.. draws.Skip(1)]);
    }

    private sealed class Changing(Func<Rollout, Rollout> change) : IRolloutSource
    {
        private readonly TeacherForced _inner = new();

        public bool HasTargets => true;

        public Rollout Collect(RolloutRequest request) => change(_inner.Collect(request));
    }
}
