namespace VaPi.Study.Reports;

/// <summary>The seconds of a rollout and its update.</summary>
internal sealed record SweepRollout(double Library, double Published);
