using TorchSharp;
using VaPi.Alignment;
using VaPi.Alignment.Stopping;
using VaPi.Data;
using VaPi.Rewards;
using static TorchSharp.torch;

namespace VaPi.Tests.Toys;

/// <summary>
/// A policy that was trained on many images of the toy world and is now aligned with three, one of each class, under a clean
/// prefix. At first it gets better on other images too; then it learns the three by heart and gets worse than it was: a run
/// that goes on for too long.
/// </summary>
internal sealed class FewImages : IDisposable
{
    private static readonly Lazy<ToyPolicy> Trained = new(Train);

    private readonly TensorImageSource _forMeasuring;
    private readonly TensorImageSource _forStopping;
    private readonly ToyWorld _world = new(images: 3);

    /// <summary>Learning rates of a run that overshoots.</summary>
    public static Schedule WarmUp { get; } = Schedule.Linear(0, 1e-2, 50);

    public FewImages()
    {
        Policy = Trained.Value.Copy();
        _forStopping = _world.OtherImages(60, seed: 21);
        _forMeasuring = _world.OtherImages(300, seed: 22);
    }

    public ToyPolicy Policy { get; }

    /// <summary>The reward on images that neither training nor stopping has seen.</summary>
    public double HeldOut => HeldOutReward.Measure(Policy, _world.Tokenizer, Reward.MeanSquaredError(), _forMeasuring, Measuring, 300).Mean;

    public AlignmentTrainerBuilder Builder(Action<AlignmentOptions> configure) => _world
        .Builder(options =>
        {
            options.Mode = AlignmentMode.Evaluation;
            options.ImagesPerRollout = 3;
            options.ContextNoise = 0;
            options.LearningRate = WarmUp;
            options.MonitorKl = true;
            options.Rollouts = 200;
            configure(options);
        })
        .WithPolicy(Policy);

    public EarlyStopping OnHeldOutReward() =>
        EarlyStopping.OnHeldOutReward(_world.Tokenizer, Reward.MeanSquaredError(), _forStopping, Measuring, imageCount: 60);

    public void Dispose()
    {
        Policy.Dispose();
        _forStopping.Dispose();
        _forMeasuring.Dispose();
        _world.Dispose();
    }

    private static AlignmentOptions Measuring => new() { ImagesPerRollout = 60, GroupSize = 4, ContextNoise = 0, Seed = 3 };

    // By cross-entropy alone.
    private static ToyPolicy Train()
    {
        using DisposeScope scope = NewDisposeScope();
        using var world = new ToyWorld();
        using TensorImageSource source = world.OtherImages(200, seed: 20);
        using ImageBatch images = source.Read([.. Enumerable.Range(0, source.Count).Select(index => new ImageDraw(index, 0))]);
        Tensor tokens = world.Tokenizer.Encode(images.Images);
        using var optimiser = optim.Adam(world.Policy.NamedParameters().Select(named => named.Parameter), lr: 2e-2);
        for (int update = 0; update < 300; update++)
        {
            using DisposeScope inUpdate = NewDisposeScope();
            optimiser.zero_grad();
            Tensor logits = world.Policy.Head(world.Policy.Features(images.Condition, tokens, PolicyMode.Evaluation));
            nn.functional.cross_entropy(logits.flatten(0, 1), tokens.flatten()).backward();
            optimiser.step();
        }

        return world.Policy.Copy();
    }
}
