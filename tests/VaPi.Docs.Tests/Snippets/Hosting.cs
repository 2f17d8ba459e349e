using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using VaPi.Alignment;
using VaPi.Alignment.Advantages;
using VaPi.Alignment.Schedules;
using VaPi.Data;
using VaPi.Extensions.DependencyInjection;
using VaPi.Models.LlamaGen;
using VaPi.Rewards;

namespace Documents;

/// <summary>The code of <c>docs/dependency-injection.md</c>.</summary>
internal static class Hosting
{
    public static void Register(HostApplicationBuilder builder)
    {
        #region add-vapi
        builder.Services.AddVaPi(builder.Configuration.GetSection("VaPi"))
            .WithTokenizer(_ => LlamaGenTokenizer.Load("vq_ds16_c2i.pt", imageSize: 384))
            .WithPolicy(_ => LlamaGenPolicy.Load("c2i_XXL_384.pt", LlamaGenSize.XXL))
            .WithReward(_ => Reward.MeanSquaredError())
            .WithImages(_ => ImageFolder.Open("imagenet/train", size: 384));
        builder.Services.AddHostedService<AlignmentService>();
        #endregion
    }

    public static void Steer(IServiceCollection services, IConfiguration configuration)
    {
        #region steered-options
        services.AddVaPi(configuration.GetSection("VaPi"))
            .Configure(o => o.LearningRate = o.LearningRate.SteeredBy(Signal.KlToStart, target: 0.1, gain: 0.3));
        #endregion
    }

    public static void AddRuns(IServiceCollection services, IConfiguration configuration)
    {
        #region runs
        services.AddVaPi(configuration.GetSection("VaPi"))
            .AddRun("gentle", configuration.GetSection("Gentle"))
            .AddRun("short", o => o.Rollouts = 10)
            .ConfigureTrainer((provider, trainer) => trainer.WithAdvantage(new LeaveOneOut()));
        #endregion
    }
}

#region alignment-service
internal sealed class AlignmentService(IAlignmentTrainerFactory trainers, IHostApplicationLifetime lifetime) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using AlignmentTrainer trainer = trainers.Create();
        await trainer.AlignAsync(cancellationToken: stoppingToken);
        lifetime.StopApplication();
    }
}
#endregion
