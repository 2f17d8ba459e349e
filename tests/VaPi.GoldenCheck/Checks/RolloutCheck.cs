using TorchSharp;
using VaPi.GoldenCheck.Arrangements;
using VaPi.Models.LlamaGen;
using static TorchSharp.torch;

namespace VaPi.GoldenCheck.Checks;

/// <summary>Whole rollouts and their updates, by the library's trainer and by the plain oracle.</summary>
internal sealed class RolloutCheck : ICheck
{
    private const double GradientTolerance = 1e-4;
    private const double ChangeTolerance = 2e-3;
    private const double ElementTolerance = 3e-4;

    public IReadOnlyList<string> Names => ["shared", "oracle", "rollout"];

    public bool AppliesTo(GoldenFolder golden) => golden.Has("alignment_steps.safetensors");

    public void Run(GoldenFolder golden, Report report)
    {
        using DisposeScope scope = NewDisposeScope();
        CheckEncoding(golden, report);
        if (report.Wants(["shared"]))
        {
            using var shared = new SharedForward(golden);
            Compare(golden, report, shared);
        }

        if (report.Wants(["oracle"]))
        {
            using var oracle = new PerSampleOracle(golden);
            Compare(golden, report, oracle);
        }
    }

    private static void CheckEncoding(GoldenFolder golden, Report report)
    {
        using LlamaGenTokenizer tokenizer = golden.LoadTokenizer();
        for (int index = 0; index < GoldenRollout.Count(golden); index++)
        {
            GoldenRollout rollout = GoldenRollout.Read(golden, index);
            report.Exact($"rollout{index}.tokens", tokenizer.Encode(rollout["images"]), rollout["tokens"]);
        }
    }

    private static void Compare(GoldenFolder golden, Report report, IArrangement arrangement)
    {
        IReadOnlyDictionary<string, Tensor> before = Start(golden);
        IReadOnlyDictionary<string, Tensor> expectedBefore = before;
        var norms = new List<double>();
        for (int index = 0; index < GoldenRollout.Count(golden); index++)
        {
            using DisposeScope scope = NewDisposeScope();
            GoldenRollout expected = GoldenRollout.Read(golden, index);
            RolloutOutcome actual = arrangement.Next();
            string name = $"{arrangement.Name}.rollout{index}";
            if (actual.Decoded is not null)
                report.Values($"{name}.decoded", actual.Decoded, expected["decoded"]);
            report.Values($"{name}.reconstruction_loss", actual.Reconstruction, expected["reconstruction_loss"]);
            report.Values($"{name}.lpips", actual.Lpips, expected["lpips"]);
            report.Values($"{name}.rewards", actual.Rewards, expected["rewards"]);
            report.Values($"{name}.advantages", actual.Advantages, expected["advantages"]);
            string[] columns = ["loss", "policy", "kl", "cross_entropy", "ratio", "clipped"];
            Tensor expectedLosses = InUpdates(golden.Configuration!, expected["minibatch_losses"]);
            for (int column = 0; column < columns.Length; column++)
            {
                report.Values(
                    $"{name}.minibatch_losses.{columns[column]}",
                    InUpdates(golden.Configuration!, actual.MinibatchLosses).select(1, column),
                    expectedLosses.select(1, column));
            }

            List<(string Name, Tensor Value)> gradients = [.. expected.Gradients];
            report.Line(
                $"{name}.grads (largest of {gradients.Count})",
                gradients.Max(gradient => Report.RelativeNorm([(actual.Gradients[gradient.Name], gradient.Value)])),
                GradientTolerance);
            norms.AddRange(actual.GradientNorms);

            Dictionary<string, Tensor> expectedAfter = expected.ParametersAfter.ToDictionary(parameter => parameter.Name, parameter => parameter.Value);
            report.Line(
                $"{name}.params (change)",
                Report.RelativeNorm(expectedAfter.Keys.Select(key => (actual.Parameters[key] - before[key], expectedAfter[key] - expectedBefore[key]))),
                ChangeTolerance);
            report.Line(
                $"{name}.params (largest element)",
                expectedAfter.Keys.Max(key => (actual.Parameters[key] - expectedAfter[key]).abs().max().item<float>()),
                ElementTolerance);
            before = actual.Parameters.ToDictionary(parameter => parameter.Key, parameter => parameter.Value.MoveToOuterDisposeScope());
            expectedBefore = expectedAfter;
        }

        report.Values($"{arrangement.Name}.grad_norms", tensor(norms.ToArray()), golden.Tensors("alignment_steps.safetensors")["grad_norms"]);
    }

    // Minibatches left over at a rollout's end change nothing, and the trainer does not run them.
    private static Tensor InUpdates(GoldenConfiguration configuration, Tensor losses)
    {
        int minibatches = (configuration.B * configuration.G + configuration.Minibatch - 1) / configuration.Minibatch;
        long inUpdates = minibatches / configuration.Accumulate * configuration.Accumulate;
        return losses.narrow(0, 0, Math.Min(losses.shape[0], inUpdates));
    }

    private static Dictionary<string, Tensor> Start(GoldenFolder golden)
    {
        using IDisposable gradients = no_grad();
        using LlamaGenPolicy policy = golden.LoadPolicy();
        return policy.NamedParameters().ToDictionary(named => named.Name, named => named.Parameter.detach().clone());
    }
}
