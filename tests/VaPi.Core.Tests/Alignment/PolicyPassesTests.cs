using Microsoft.Extensions.Options;
using TorchSharp.Modules;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Alignment;

/// <summary>What is counted beforehand is what a trainer does.</summary>
public class PolicyPassesTests
{
    public static TheoryData<string, Action<AlignmentOptions>> Cases => new()
    {
        { "one minibatch", _ => { } },
        { "kept sampling forward", options => options.Mode = AlignmentMode.Evaluation },
        { "filtered, so not kept", options => (options.Mode, options.TopK) = (AlignmentMode.Evaluation, 3) },
        { "nucleus, so not kept", options => (options.Mode, options.TopP) = (AlignmentMode.Evaluation, 0.9) },
        { "minibatches", options => (options.Mode, options.ImagesPerMinibatch) = (AlignmentMode.Evaluation, 3) },
        { "updates, the last minibatch discarded", options => (options.ImagesPerMinibatch, options.MinibatchesPerUpdate) = (1, 2) },
        { "passes", options => (options.Mode, options.PassesPerRollout, options.ImagesPerMinibatch) = (AlignmentMode.Evaluation, 3, 2) },
        { "minibatches that cut through groups", options => options.SamplesPerMinibatch = 3 },
        { "the starting policy", options => options.KlWeight = 0.1 },
        { "the starting policy, measured", options => (options.MonitorKl, options.ImagesPerMinibatch) = (true, 2) },
        { "twice", options => (options.Mode, options.ImagesPerMinibatch) = (AlignmentMode.Twice, 2) },
        { "twice without a prior", options => (options.Mode, options.PriorWeight) = (AlignmentMode.Twice, 0) },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_trainer_makes_as_many_passes(string what, Action<AlignmentOptions> configure)
    {
        using var world = new ToyWorld();
        var options = new AlignmentOptions();
        void Configure(AlignmentOptions configured)
        {
            (configured.ImagesPerRollout, configured.GroupSize) = (5, 4);
            configure(configured);
        }

        Configure(options);
        PolicyPasses passes = PolicyPasses.Of(options);
        var policy = new CountedPasses(world.Policy);
        using AlignmentTrainer trainer = world.Builder(Configure).WithPolicy(policy).Build();

        AlignmentStep step = trainer.Step();

        Assert.True(passes.SamplingForwards == 5, what);
        Assert.Equal(passes.SamplingForwards + passes.TrainingForwards, policy.Forwards);
        Assert.Equal(passes.Backwards, policy.Backwards);
        Assert.Equal(passes.ReferenceForwards, policy.ReferenceForwards);
        Assert.Equal(passes.ReferenceForwards > 0, passes.NeedsStartingPolicy);
        Assert.Equal(passes.Updates, step.GradientNorms.Count);
        Assert.Equal(passes.Updates * passes.MinibatchesPerUpdate, step.Minibatches.Count);
        Assert.Equal(passes.ImagesAtATime, policy.ImagesAtATime);
        Assert.Equal(passes.SamplingForwardIsTrainingForward, passes.TrainingForwards == 0);
    }

    [Fact]
    public void Options_out_of_range_are_refused() =>
        Assert.Throws<OptionsValidationException>(() => PolicyPasses.Of(new AlignmentOptions { ImagesPerRollout = 0 }));

    /// <summary>Counts the images of passes.</summary>
    private sealed class CountedPasses(ToyPolicy inner) : IAutoregressivePolicy
    {
        private long _positionsBack;

        public long Forwards { get; private set; }

        public long Backwards => _positionsBack / TokenCount;

        public long ReferenceForwards { get; private set; }

        public long ImagesAtATime { get; private set; }

        public int VocabularySize => inner.VocabularySize;

        public int TokenCount => inner.TokenCount;

        public Device Device => inner.Device;

        public Tensor Features(Condition condition, Tensor context, PolicyMode mode)
        {
            Tensor features = inner.Features(condition, context, mode);
            long images = context.shape[0];
            Forwards += images;
            if (features.requires_grad)
                ImagesAtATime = Math.Max(ImagesAtATime, images);
            return features;
        }

        // Only a backward pass runs the head with gradients, chunk by chunk over all positions.
        public Tensor Head(Tensor features)
        {
            Tensor logits = inner.Head(features);
            if (logits.requires_grad)
                _positionsBack += features.shape[0] * features.shape[1];
            return logits;
        }

        public IEnumerable<(string Name, Parameter Parameter)> NamedParameters() => inner.NamedParameters();

        public bool IsDecayed(string parameterName) => inner.IsDecayed(parameterName);

        public IReferencePolicy CreateReference() => new CountedReference(this, inner.CreateReference());

        private sealed class CountedReference(CountedPasses counted, IReferencePolicy reference) : IReferencePolicy
        {
            public Tensor LogProbabilities(Condition condition, Tensor context, Tensor samples, double temperature, Tensor? support)
            {
                counted.ReferenceForwards += context.shape[0];
                return reference.LogProbabilities(condition, context, samples, temperature, support);
            }

            public void Dispose() => reference.Dispose();
        }
    }
}
