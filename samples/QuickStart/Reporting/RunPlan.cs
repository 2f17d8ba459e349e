using QuickStart.Aligning;
using QuickStart.BaseTraining;
using QuickStart.CommandLine;
using QuickStart.Measuring;

namespace QuickStart.Reporting;

/// <summary>The phases of a run, in order.</summary>
internal sealed class RunPlan(QuickStartOptions options, Recipe recipe, int photographs)
{
    private readonly int _measuringSteps = Evaluator.Steps(options.Samples);

    public RunPhase Read { get; } = new("read", $"Reading {Wording.Count(photographs, "photograph")}", Work.Reading, photographs);

    public RunPhase TrainFeatures { get; } = new("trainFeatures", "Training the feature network", Work.TrainingFeatures, FeatureTraining.Steps);

    public RunPhase TrainTokenizer { get; } = new("trainTokenizer", "Training the tokenizer", Work.TrainingTokenizer, TokenizerTraining.Steps);

    public RunPhase TrainPolicy { get; } = new("trainPolicy", "Training the policy", Work.TrainingPolicy, PolicyTraining.Steps);

    public RunPhase MeasureBefore => new("measureBefore", "Measuring the policy as it comes", Work.Measuring, _measuringSteps);

    public RunPhase Align { get; } = new(
        "align", $"Aligning: {Wording.Count(options.Rollouts, "rollout")} of {recipe.ImagesPerRollout} images with {recipe.GroupSize} samples each", Work.Aligning, options.Rollouts);

    public RunPhase MeasureAfter => new("measureAfter", "Measuring the aligned policy", Work.Measuring, _measuringSteps);

    public RunPhase FineTuneControl { get; } = new(
        "control", "Fine-tuning a control by cross-entropy alone, on as many images", Work.FineTuning, options.Rollouts);

    public RunPhase MeasureControl => new("measureControl", "Measuring the control", Work.Measuring, _measuringSteps);

    public RunPhase Draw { get; } = new("draw", "Drawing the pictures", Work.Drawing, 1);

    public IReadOnlyList<RunPhase> Phases => options.TrainBase
        ? [Read, TrainFeatures, TrainTokenizer, TrainPolicy, MeasureBefore, Align, MeasureAfter, FineTuneControl, MeasureControl, Draw]
        : [Read, MeasureBefore, Align, MeasureAfter, FineTuneControl, MeasureControl, Draw];
}
