using Microsoft.Extensions.Logging;

namespace VaPi.Alignment.Stopping;

/// <summary>The messages of early stopping.</summary>
internal static partial class StoppingLog
{
    [LoggerMessage(20, LogLevel.Information, "After rollout {Index} the {Measure} is {Value:G6}, the best so far")]
    public static partial void Best(ILogger logger, long index, string measure, double value);

    [LoggerMessage(21, LogLevel.Information, "After rollout {Index} the {Measure} is {Value:G6}; the best is {Best:G6} after rollout {BestIndex}, {Count} of {Patience} measurements ago")]
    public static partial void NotBest(ILogger logger, long index, string measure, double value, double best, long bestIndex, int count, int patience);

    [LoggerMessage(22, LogLevel.Information, "Stopped early after rollout {Index}: {Patience} measurements of the {Measure} brought no improvement on {Best:G6} after rollout {BestIndex}")]
    public static partial void Stopped(ILogger logger, long index, int patience, string measure, double best, long bestIndex);

    [LoggerMessage(23, LogLevel.Information, "The policy has its parameters of after rollout {BestIndex} again")]
    public static partial void PutBack(ILogger logger, long bestIndex);
}
