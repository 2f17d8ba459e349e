namespace VaPi.Rewards;

/// <summary>Calls reward functions, so that what they throw is told with the name of the one that threw it.</summary>
internal static class RewardCall
{
    /// <param name="name">The reward's name.</param>
    /// <param name="call">Calls it.</param>
    /// <exception cref="RewardException">The reward threw something; what it was is the inner exception.</exception>
    public static T Of<T>(string name, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception exception) when (exception is not (RewardException or OperationCanceledException))
        {
            throw new RewardException(name, $"it threw {exception.GetType().Name} ({exception.Message}). See the inner exception; nothing has been changed, and once it is mended the step can be made again.", exception);
        }
    }
}
