using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using VaPi.Alignment;

namespace VaPi.Extensions.DependencyInjection;

/// <summary>Makes trainers from what a container has.</summary>
internal sealed class AlignmentTrainerFactory(
    IServiceProvider services, IOptionsMonitor<AlignmentOptions> options, IEnumerable<RunName> runs, IEnumerable<TrainerConfiguration> configurations) : IAlignmentTrainerFactory
{
    private static readonly (Type Contract, string Part, string Call)[] Parts =
    [
        (typeof(ITokenizer), "tokenizer", nameof(VaPiBuilder.WithTokenizer)),
        (typeof(IAutoregressivePolicy), "policy", nameof(VaPiBuilder.WithPolicy)),
        (typeof(IRewardFunction), "reward", nameof(VaPiBuilder.WithReward)),
        (typeof(IImageSource), "images", nameof(VaPiBuilder.WithImages)),
    ];

    public AlignmentTrainer Create(string? run)
    {
        var registered = services.GetRequiredService<IServiceProviderIsService>();
        List<string> missing =
        [
            .. Parts.Where(part => !registered.IsService(part.Contract))
                .Select(part => $"no {part.Part} ({part.Contract.Name}), which {nameof(VaPiServiceCollectionExtensions.AddVaPi)}().{part.Call}(...) registers"),
        ];
        if (missing.Count > 0)
            throw new InvalidOperationException($"The trainer cannot be made: the container has {string.Join("; ", missing)}. Add {(missing.Count == 1 ? "the call" : "the calls")} where services are registered.");
        return CreateBuilder(run).Build();
    }

    public AlignmentTrainerBuilder CreateBuilder(string? run)
    {
        if (run is not null && !runs.Any(known => known.Name == run))
        {
            string known = runs.Any() ? $"there are '{string.Join("', '", runs.Select(each => each.Name).Distinct())}'" : "there are none";
            throw new InvalidOperationException($"There is no run '{run}'; {known}. Register it: {nameof(VaPiServiceCollectionExtensions.AddVaPi)}().{nameof(VaPiBuilder.AddRun)}(\"{run}\", ...).");
        }

        AlignmentTrainerBuilder builder = AlignmentTrainer.CreateBuilder().WithOptions(options.Get(run ?? Options.DefaultName));
        Give<ITokenizer>(tokenizer => builder.WithTokenizer(tokenizer));
        Give<IAutoregressivePolicy>(policy => builder.WithPolicy(policy));
        Give<IRewardFunction>(reward => builder.WithReward(reward));
        Give<IImageSource>(images => builder.WithImages(images));
        Give<ILoggerFactory>(logging => builder.WithLogger(logging.CreateLogger<AlignmentTrainer>()));
        Give<IMeterFactory>(meters => builder.WithMeterFactory(meters));
        if (run is not null)
            builder.WithName(run);
        foreach (TrainerConfiguration configuration in configurations)
            configuration.Configure(services, builder);
        return builder;
    }

    private void Give<TService>(Action<TService> take)
        where TService : class
    {
        if (services.GetService<TService>() is { } service)
            take(service);
    }
}
