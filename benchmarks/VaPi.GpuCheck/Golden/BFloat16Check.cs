using TorchSharp;
using VaPi.GoldenCheck;
using VaPi.GoldenCheck.Arrangements;
using VaPi.Models.LlamaGen;
using static TorchSharp.torch;

namespace VaPi.GpuCheck.Golden;

/// <summary>
/// The policy with weights in bfloat16: its logits, and the losses and gradients of the first rollout's first update. bfloat16 keeps
/// 8 bits, a rounding error of up to 0.4 % at each operation, so whole tensors are compared by their norms.
/// </summary>
internal static class BFloat16Check
{
    public const double LogitTolerance = 0.03;
    public const double LossTolerance = 0.005;
    public const double GradientTolerance = 0.06;

    public static void Run(string folder, Device device, FormulaWeights weights, Report report)
    {
        using DisposeScope scope = NewDisposeScope();
        using GoldenFolder golden = GoldenFolder.Open(folder, device, weights, ScalarType.BFloat16);
        if (!golden.Has("alignment_steps.safetensors"))
            return;
        report.Folder = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        try
        {
            GoldenRollout rollout = GoldenRollout.Read(golden, 0);
            report.Line("bfloat16.policy.logits (norm)", Report.RelativeNorm([(Logits(golden, rollout), rollout["logits"])]), LogitTolerance);
            using var shared = new SharedForward(golden);
            RolloutOutcome outcome = shared.Next();
            Tensor losses = rollout["minibatch_losses"].narrow(0, 0, outcome.MinibatchLosses.shape[0]);
            foreach ((string name, int column) in (ReadOnlySpan<(string, int)>)[("cross_entropy", 3), ("ratio", 4)])
                report.Line($"bfloat16.shared.{name} (norm)", Report.RelativeNorm([(outcome.MinibatchLosses.select(1, column), losses.select(1, column))]), LossTolerance);
            report.Line("bfloat16.shared.grads (norm)", Report.RelativeNorm(rollout.Gradients.Select(gradient => (outcome.Gradients[gradient.Name], gradient.Value))), GradientTolerance);
        }
        catch (Exception exception)
        {
            report.Failed("bfloat16", exception);
        }
    }

    private static Tensor Logits(GoldenFolder golden, GoldenRollout rollout)
    {
        using IDisposable gradients = no_grad();
        using LlamaGenPolicy policy = golden.LoadPolicy();
        using Condition condition = rollout.Condition();
        return policy.Head(policy.Features(condition, rollout.Context(), PolicyMode.Evaluation));
    }
}
