namespace VaPi.Study.BaseTraining;

/// <summary>How a base policy was trained.</summary>
/// <param name="BestStep">The step that is kept.</param>
/// <param name="Steps">All steps made.</param>
/// <param name="HeldOutNats">Of the step that is kept, in nats a token.</param>
/// <param name="Seconds">All of the training.</param>
internal sealed record BaseRecord(int BestStep, int Steps, double HeldOutNats, double Seconds);
