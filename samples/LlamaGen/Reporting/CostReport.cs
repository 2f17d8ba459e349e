using VaPi.Models.LlamaGen.Costs;
using static System.FormattableString;
using Device = TorchSharp.torch.Device;
using ScalarType = TorchSharp.torch.ScalarType;

namespace LlamaGen.Reporting;

/// <summary>Shows what a rollout computes, and how long that takes at best.</summary>
internal static class CostReport
{
    public static void Show(RolloutCost cost, IReport report) => report.Table(
        ["computation of a rollout", "arithmetic", "operations"],
        [
            .. cost.Phases.Select(phase => (string[])[phase.Name, phase.Arithmetic, phase.BytesMoved > 0 ? $"{Amounts.OfBytes(phase.BytesMoved)} moved" : Amounts.OfOperations(phase.Operations)]),
            ["whole rollout", "products and convolutions: a multiplication and an addition are two", Amounts.OfOperations(cost.Operations)],
        ]);

    /// <summary>Measures the machine for about a second.</summary>
    public static void ShowTimeAtBest(RolloutCost cost, Device device, ScalarType ofPolicy, IReport report)
    {
        MachineRate rate = MachineRate.Measure(device);
        MachineRate? passes = ofPolicy == ScalarType.Float32 ? null : MachineRate.Measure(device, ofPolicy);
        string others = passes is null ? "" : $", in {ofPolicy.ToString().ToLowerInvariant()} at {Amounts.OfOperations(passes.OperationsPerSecond)}";
        report.Line(Invariant($"At best {cost.Seconds(rate, passes):N2} s a rollout: large products run here at {Amounts.OfOperations(rate.OperationsPerSecond)} operations a second{others}, copies at {Amounts.OfBytes(rate.BytesPerSecond)} a second. Layers reach less."));
    }
}
