using VaPi.Alignment;

namespace VaPi.Extensions.DependencyInjection;

/// <summary>What is done to the builder of every trainer.</summary>
internal sealed record TrainerConfiguration(Action<IServiceProvider, AlignmentTrainerBuilder> Configure);
