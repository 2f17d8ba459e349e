using TorchSharp;
using VaPi.Alignment;
using static TorchSharp.torch;

namespace VaPi.Benchmarks.Step;

/// <summary>Whether both arrangements compute the same gradient: otherwise their times could not be compared.</summary>
internal static class GradientAgreement
{
    /// <summary>Float32 gradients of one rollout differ by rounding only; a wrong term would differ by far more.</summary>
    public const double Tolerance = 1e-4;

    /// <summary>One rollout of each, on the same draws.</summary>
    /// <returns>The norm of the gradients' difference over the norm of the published arrangement's.</returns>
    public static double Measure(StepModels models, RecordedRollouts rollouts, PublishedArrangement published)
    {
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> ofLibrary = [];
        using (AlignmentTrainer trainer = models.Trainer(rollouts, gradients => ofLibrary = Copies(gradients)))
            trainer.Step();
        Dictionary<string, Tensor> ofPublished = [];
        published.Step(rollouts.Last!, StepModels.LearningRate, gradients => ofPublished = Copies(gradients));
        Tensor difference = Norm(ofPublished.Select(named => named.Value - ofLibrary[named.Key]));
        return (difference / Norm(ofPublished.Values)).item<float>();
    }

    private static Dictionary<string, Tensor> Copies(IReadOnlyList<(string Name, Tensor Gradient)> gradients) =>
        gradients.ToDictionary(named => named.Name, named => named.Gradient.clone().MoveToOuterDisposeScope().DetachFromDisposeScope());

    private static Tensor Norm(IEnumerable<Tensor> tensors) => stack([.. tensors.Select(part => part.norm())]).norm();
}
