namespace VaPi.Alignment.Stopping;

/// <summary>What a policy in training was worth at some point of its run.</summary>
/// <param name="Step">The rollouts made before it was measured; 0 for the starting policy.</param>
/// <param name="Value">What <see cref="EarlyStopping.Measure"/> gave.</param>
public sealed record HeldOutMeasurement(long Step, double Value);
