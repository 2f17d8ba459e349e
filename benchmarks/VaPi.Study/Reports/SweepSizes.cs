namespace VaPi.Study.Reports;

/// <summary>The sizes that a sweep varies.</summary>
internal sealed record SweepSizes(int Images, int GroupSize, int Tokens, int Vocabulary);
