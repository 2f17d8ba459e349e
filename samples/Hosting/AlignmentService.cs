using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Extensions.DependencyInjection;
using VaPi.Models.LlamaGen;

namespace Hosting;

/// <summary>Aligns the policy, saves it, and ends the host.</summary>
internal sealed partial class AlignmentService(
    IAlignmentTrainerFactory trainers, LlamaGenPolicy policy, IConfiguration configuration, IHostApplicationLifetime lifetime, ILogger<AlignmentService> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            // The trainer is this service's; what it is made of is the container's, which disposes it after the service has ended.
            using AlignmentTrainer trainer = trainers.Create();
            AlignmentStep? last = null;
            try
            {
                await foreach (AlignmentStep step in trainer.RunAsync(stoppingToken))
                    last = step;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                // Saved below as far as it came.
            }

            string output = configuration["Output"] ?? "aligned.safetensors";
            policy.Save(output);
            Saved(last?.Index ?? 0, Path.GetFullPath(output));
        }
        catch (Exception exception)
        {
            Failed(exception);
            Environment.ExitCode = 1;
        }
        finally
        {
            lifetime.StopApplication();
        }
    }

    [LoggerMessage(LogLevel.Information, "Saved the policy after {Rollouts} rollouts as {Output}")]
    private partial void Saved(long rollouts, string output);

    [LoggerMessage(LogLevel.Error, "Alignment failed")]
    private partial void Failed(Exception exception);
}
