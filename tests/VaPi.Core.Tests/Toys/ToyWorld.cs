using TorchSharp;
using VaPi.Alignment;
using VaPi.Data;
using VaPi.Rewards;
using static TorchSharp.torch;

namespace VaPi.Tests.Toys;

/// <summary>A tokenizer, a policy and images that fit together, and a trainer builder that has them all.</summary>
internal sealed class ToyWorld : IDisposable
{
    private readonly Tensor _pictures; // (classes, T)

    public ToyWorld(double dropout = 0, ScalarType dtype = ScalarType.Float32, int images = 10, int classes = 3)
    {
        Tokenizer = new ToyTokenizer();
        Policy = new ToyPolicy(Tokenizer, classes, dropout, dtype);
        using var generator = new Generator(7, CPU);
        _pictures = randint(Tokenizer.CodebookSize, [classes, Tokenizer.Layout.TokenCount], ScalarType.Int64, generator: generator).DetachFromDisposeScope();
        Images = Variations(images, generator);
    }

    public ToyTokenizer Tokenizer { get; }

    public ToyPolicy Policy { get; }

    public TensorImageSource Images { get; }

    /// <summary>Other images of the same classes, others for each seed. Belong to the caller.</summary>
    public TensorImageSource OtherImages(int images, ulong seed)
    {
        using var generator = new Generator(seed, CPU);
        return Variations(images, generator);
    }

    /// <summary>Small rollouts, a learning rate under which a few steps show, and an odd chunk length.</summary>
    public AlignmentTrainerBuilder Builder(Action<AlignmentOptions>? configure = null) => AlignmentTrainer.CreateBuilder()
        .WithTokenizer(Tokenizer)
        .WithPolicy(Policy)
        .WithReward(Reward.MeanSquaredError())
        .WithImages(Images)
        .Configure(options =>
        {
            options.Rollouts = 4;
            options.ImagesPerRollout = 4;
            options.GroupSize = 4;
            options.LearningRate = 1e-2;
            options.PositionsPerChunk = 5;
            options.SamplesPerDecode = 16; // a rollout is scored in one piece, unless a test says otherwise
            configure?.Invoke(options);
        });

    public AlignmentTrainer Trainer(Action<AlignmentOptions>? configure = null) => Builder(configure).Build();

    public void Dispose()
    {
        Policy.Dispose();
        Tokenizer.Dispose();
        Images.Dispose();
        _pictures.Dispose();
    }

    // Each class has a picture of its own, with a few cells changed in each image: there is something to learn.
    private TensorImageSource Variations(int images, Generator generator)
    {
        using DisposeScope scope = NewDisposeScope();
        long[] labels = [.. Enumerable.Range(0, images).Select(index => index % _pictures.shape[0])];
        Tensor others = randint(Tokenizer.CodebookSize, [images, Tokenizer.Layout.TokenCount], ScalarType.Int64, generator: generator);
        Tensor changed = rand([images, Tokenizer.Layout.TokenCount], generator: generator) < 0.2;
        using var condition = new ClassCondition(labels);
        return ImageSource.FromTensors(Tokenizer.Decode(where(changed, others, _pictures[condition.Labels])), condition);
    }
}
