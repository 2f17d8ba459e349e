namespace VaPi.Evaluation.Likelihood;

/// <summary>One line of a likelihood report.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Unit">Of its values.</param>
/// <param name="HigherIsBetter">Whether higher values are better.</param>
/// <param name="Value">The estimate.</param>
public sealed record LikelihoodRow(string Name, string Unit, bool HigherIsBetter, ImageEstimate Value);
