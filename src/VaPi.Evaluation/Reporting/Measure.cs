namespace VaPi.Evaluation.Reporting;

/// <summary>One line of a table.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Value">In <paramref name="Unit"/>; NaN where it could not be told.</param>
/// <param name="Unit">Such as dB or %; empty for a plain number.</param>
/// <param name="HigherIsBetter">Null where neither is.</param>
public sealed record Measure(string Name, double Value, string Unit = "", bool? HigherIsBetter = null);
