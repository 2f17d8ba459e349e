namespace VaPi.Fuzz.Running;

/// <summary>What became of a case.</summary>
/// <param name="Error">What the reader threw; null if it read the input.</param>
/// <param name="Problem">Why it is a failure, as a sentence; null if it is none.</param>
/// <param name="Milliseconds">How long it took.</param>
/// <param name="Managed">The managed memory that it allocated, in bytes.</param>
/// <param name="Resident">By how much it made the process grow, in bytes; 0 where the system does not tell.</param>
internal sealed record CaseResult(Exception? Error, string? Problem, double Milliseconds, long Managed, long Resident);
