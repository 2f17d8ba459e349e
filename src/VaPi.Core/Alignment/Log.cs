using Microsoft.Extensions.Logging;

namespace VaPi.Alignment;

/// <summary>The trainer's messages.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Aligning {Parameters} parameters on {Images} images: {Rollouts} rollouts of {ImagesPerRollout} images with {GroupSize} samples each, {Updates} updates a rollout; reward {Reward}")]
    public static partial void Started(ILogger logger, long parameters, int images, int rollouts, int imagesPerRollout, int groupSize, int updates, string reward);

    [LoggerMessage(2, LogLevel.Information, "Rollout {Index}: reward {Reward:F4}, policy loss {PolicyLoss:F4}, prior {Prior:F4}, gradient norm {GradientNorm:F3}, {ImagesPerSecond:F1} images/s")]
    public static partial void Stepped(ILogger logger, long index, double reward, double policyLoss, double? prior, double gradientNorm, double imagesPerSecond);

    [LoggerMessage(3, LogLevel.Warning, "In rollout {Index} all samples of every group have the same reward, so it teaches nothing; raise the temperature or the group size, or check the reward")]
    public static partial void NoSpread(ILogger logger, long index);

    [LoggerMessage(4, LogLevel.Information, "Cancelled in rollout {Index}; it has changed nothing")]
    public static partial void Cancelled(ILogger logger, long index);

    [LoggerMessage(5, LogLevel.Error, "Rollout {Index} failed")]
    public static partial void Failed(ILogger logger, Exception exception, long index);

    [LoggerMessage(6, LogLevel.Debug, "{Minibatches} minibatches of a rollout do not fill an update and are discarded; set MinibatchesPerUpdate to a divisor of {Total} to use them")]
    public static partial void Discarded(ILogger logger, int minibatches, int total);

    [LoggerMessage(7, LogLevel.Warning, "Rollout {Index} goes by without an update: {Reason}")]
    public static partial void SkippedRollout(ILogger logger, long index, string reason);

    [LoggerMessage(8, LogLevel.Warning, "{Reason}")]
    public static partial void SkippedUpdate(ILogger logger, string reason);

    [LoggerMessage(9, LogLevel.Warning, "The concurrent garbage collector is on, which can take a number away from libtorch in the middle of a call; set <ConcurrentGarbageCollection>false</ConcurrentGarbageCollection> in the program's project (docs/native-backends.md says more)")]
    public static partial void ConcurrentCollector(ILogger logger);

    [LoggerMessage(20, LogLevel.Warning, "The image {Path} is passed over, as {Count} of {Images} so far: {Reason}")]
    public static partial void Skipped(ILogger logger, string path, int count, int images, string reason);
}
