namespace VaPi.Fuzz.Cases;

/// <summary>A file of a case.</summary>
/// <param name="Name">Its path below the case's folder.</param>
/// <param name="Content">Its bytes.</param>
internal sealed record CaseFile(string Name, byte[] Content);
