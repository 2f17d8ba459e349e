using QuickStart.Measuring;

namespace QuickStart.Reporting;

/// <summary>What a completed run has to show.</summary>
/// <param name="Before">The policy as it comes.</param>
/// <param name="Aligned">After alignment.</param>
/// <param name="Control">Fine-tuned by cross-entropy alone instead.</param>
/// <param name="Time">Of the whole run.</param>
/// <param name="Files">What each file is, and its absolute path.</param>
internal sealed record RunResult(
    Measurement Before, Measurement Aligned, Measurement Control, TimeSpan Time, IReadOnlyList<(string What, string Path)> Files);
