namespace QuickStart.Reporting;

/// <summary>A part of the run.</summary>
/// <param name="Name">Its key in <c>summary.json</c>.</param>
/// <param name="Title">What is being done, for people.</param>
/// <param name="Work">What its steps are.</param>
/// <param name="Steps">How many it has.</param>
internal sealed record RunPhase(string Name, string Title, Work Work, int Steps);
