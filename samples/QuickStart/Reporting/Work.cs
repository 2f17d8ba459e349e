namespace QuickStart.Reporting;

/// <summary>Kinds of work; the steps of one kind take about equally long, whichever phase they are in.</summary>
internal enum Work
{
    Reading,
    TrainingFeatures,
    TrainingTokenizer,
    TrainingPolicy,
    Measuring,
    Aligning,
    FineTuning,
    Drawing,
}
