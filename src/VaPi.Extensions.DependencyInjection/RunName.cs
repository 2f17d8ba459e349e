namespace VaPi.Extensions.DependencyInjection;

/// <summary>A run that has options of its own.</summary>
internal sealed record RunName(string Name);
