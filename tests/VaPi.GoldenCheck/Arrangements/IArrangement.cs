namespace VaPi.GoldenCheck.Arrangements;

/// <summary>One way to compute a golden folder's rollouts and updates.</summary>
internal interface IArrangement : IDisposable
{
    /// <summary>What the names of its quantities begin with.</summary>
    string Name { get; }

    /// <summary>Goes through the next rollout and its updates.</summary>
    RolloutOutcome Next();
}
