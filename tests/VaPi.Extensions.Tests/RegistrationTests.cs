using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using VaPi.Alignment;
using VaPi.Alignment.Advantages;
using VaPi.Alignment.Metrics;
using VaPi.Extensions.DependencyInjection;
using VaPi.Rewards;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Extensions.Tests;

/// <summary>What a container gives trainers, and what becomes of it.</summary>
public sealed class RegistrationTests : IDisposable
{
    private readonly ToyWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void A_trainer_is_made_of_what_is_registered()
    {
        using ServiceProvider provider = Services(vapi => Complete(vapi)).BuildServiceProvider();
        using AlignmentTrainer trainer = provider.GetRequiredService<IAlignmentTrainerFactory>().Create();

        AlignmentStep step = trainer.Step();

        Assert.Equal(["mean squared error"], step.RewardComponents.Keys);
        Assert.True(step.GradientNorm > 0);
        Assert.Equal(0.01, step.LearningRate);
    }

    [Fact]
    public void Everything_that_is_not_registered_is_named_with_the_call_that_registers_it()
    {
        using ServiceProvider nothing = Services(_ => { }).BuildServiceProvider();
        using ServiceProvider noReward = Services(vapi => vapi.WithTokenizer(_world.Tokenizer).WithPolicy(_world.Policy).WithImages(_world.Images)).BuildServiceProvider();

        string all = Assert.Throws<InvalidOperationException>(() => nothing.GetRequiredService<IAlignmentTrainerFactory>().Create()).Message;
        string one = Assert.Throws<InvalidOperationException>(() => noReward.GetRequiredService<IAlignmentTrainerFactory>().Create()).Message;

        Assert.All(
            ["no tokenizer (ITokenizer), which AddVaPi().WithTokenizer(...) registers", "AddVaPi().WithPolicy(...)", "AddVaPi().WithReward(...)", "AddVaPi().WithImages(...)"],
            expected => Assert.Contains(expected, all, StringComparison.Ordinal));
        Assert.Equal(
            "The trainer cannot be made: the container has no reward (IRewardFunction), which AddVaPi().WithReward(...) registers. Add the call where services are registered.", one);
    }

    [Fact]
    public void The_container_disposes_what_it_made_and_nothing_else()
    {
        ToyPolicy? made = null;
        ServiceProvider provider = Services(vapi => Complete(vapi)
            .WithTokenizer<OwnTokenizer>()
            .WithPolicy(services => made = new ToyPolicy(_world.Tokenizer))).BuildServiceProvider();
        ITokenizer tokenizer;
        using (AlignmentTrainer trainer = provider.GetRequiredService<IAlignmentTrainerFactory>().Create())
        {
            trainer.Step();
            tokenizer = provider.GetRequiredService<ITokenizer>();
        }

        Assert.False(made!.IsDisposed); // the trainer owns none of its parts
        provider.Dispose();

        Assert.True(made.IsDisposed);
        Assert.True(Assert.IsType<OwnTokenizer>(tokenizer).IsDisposed);
        using ImageBatch read = _world.Images.Read([new ImageDraw(0, 0)]); // an instance stays the caller's
        Assert.Equal(1, read.Count);
    }

    [Fact]
    public void Trainers_share_the_policy_unless_they_are_given_another()
    {
        using ServiceProvider provider = Services(vapi => Complete(vapi)).BuildServiceProvider();
        var factory = provider.GetRequiredService<IAlignmentTrainerFactory>();
        using ToyPolicy other = _world.Policy.Copy();
        using Tensor before = _world.Policy["norm.weight"].detach().clone();

        using (AlignmentTrainer trainer = factory.CreateBuilder().WithPolicy(other).Build())
            trainer.Step();

        Assert.True(before.equal(_world.Policy["norm.weight"]).all().item<bool>());
        using (AlignmentTrainer first = factory.Create())
            first.Step();
        Assert.False(before.equal(_world.Policy["norm.weight"]).all().item<bool>());
        using AlignmentTrainer second = factory.Create();
        Assert.Equal(1, second.Step().Index);
    }

    [Fact]
    public void Runs_have_options_of_their_own()
    {
        using ServiceProvider provider = Services(vapi => Complete(vapi).AddRun("short", options => (options.Rollouts, options.ImagesPerRollout, options.GroupSize) = (1, 2, 2))).BuildServiceProvider();
        var factory = provider.GetRequiredService<IAlignmentTrainerFactory>();
        using AlignmentTrainer trainer = factory.Create("short");

        Assert.Equal(1e-6, trainer.Step().LearningRate); // the default, not what is configured without a name
        string message = Assert.Throws<InvalidOperationException>(() => factory.Create("shrot")).Message;
        Assert.Equal("There is no run 'shrot'; there are 'short'. Register it: AddVaPi().AddRun(\"shrot\", ...).", message);
    }

    [Fact]
    public void The_builder_of_every_trainer_can_be_changed()
    {
        using ServiceProvider provider = Services(vapi => Complete(vapi)
            .ConfigureTrainer((services, builder) => builder.WithAdvantage(new LeaveOneOut()).OnGradients(_ => services.GetRequiredService<List<string>>().Add("gradients")))
            .Services.AddSingleton<List<string>>()).BuildServiceProvider();
        using AlignmentTrainer trainer = provider.GetRequiredService<IAlignmentTrainerFactory>().Create();

        trainer.Step();

        Assert.Equal(["gradients"], provider.GetRequiredService<List<string>>());
    }

    [Fact]
    public void A_later_registration_takes_the_place_of_an_earlier()
    {
        var first = new OwnTokenizer();
        using ServiceProvider provider = Services(vapi => Complete(vapi).WithTokenizer(first).WithTokenizer(_world.Tokenizer).Services.AddVaPi(options => options.Seed = 3)).BuildServiceProvider();

        Assert.Same(_world.Tokenizer, Assert.Single(provider.GetServices<ITokenizer>()));
        Assert.Single(provider.GetServices<IAlignmentTrainerFactory>());
        first.Dispose();
    }

    [Fact]
    public void Messages_and_measurements_go_where_the_container_says()
    {
        var logger = new CapturingLogger();
        using ServiceProvider provider = Services(vapi => Complete(vapi).AddRun("named", options => (options.ImagesPerRollout, options.GroupSize) = (2, 2))
            .Services.AddMetrics().AddLogging(logging => logging.AddProvider(new Provider(logger)))).BuildServiceProvider();
        var factory = provider.GetRequiredService<IMeterFactory>();
        var measured = new List<(string Instrument, object? Run)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, factory))
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => measured.Add((instrument.Name, tags.ToArray().Single().Value)));
        listener.Start();
        using AlignmentTrainer trainer = provider.GetRequiredService<IAlignmentTrainerFactory>().Create("named");

        trainer.Step();

        Assert.Contains(("vapi.rollouts", "named"), measured);
        Assert.Contains(logger.Entries, entry => entry.Message.StartsWith("Rollout 1: reward", StringComparison.Ordinal));
    }

    private static ServiceCollection Services(Action<VaPiBuilder> configure)
    {
        var services = new ServiceCollection();
        configure(services.AddVaPi(options => (options.ImagesPerRollout, options.GroupSize, options.LearningRate) = (4, 4, 1e-2)));
        return services;
    }

    private VaPiBuilder Complete(VaPiBuilder vapi) => vapi
        .WithTokenizer(_world.Tokenizer)
        .WithPolicy(_world.Policy)
        .WithReward(_ => Reward.MeanSquaredError())
        .WithImages(_world.Images);

    private sealed class Provider(ILogger logger) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => logger;

        public void Dispose()
        {
        }
    }

    private sealed class OwnTokenizer : ITokenizer, IDisposable
    {
        private readonly ToyTokenizer _inner = new();

        public bool IsDisposed { get; private set; }

        public int CodebookSize => _inner.CodebookSize;

        public TokenLayout Layout => _inner.Layout;

        public ImageSize ImageSize => _inner.ImageSize;

        public Tensor Encode(Tensor images) => _inner.Encode(images);

        public Tensor Decode(Tensor tokens) => _inner.Decode(tokens);

        public void Dispose()
        {
            IsDisposed = true;
            _inner.Dispose();
        }
    }
}
