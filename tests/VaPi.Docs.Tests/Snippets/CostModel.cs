#region cost model
using VaPi.Alignment;
using VaPi.Models.LlamaGen;
using VaPi.Models.LlamaGen.Costs;
#endregion

namespace Documents;

internal static class CostModel
{
    public static void Print()
    {
        #region cost model
        var options = new AlignmentOptions { ImagesPerRollout = 16, GroupSize = 8, ImagesPerMinibatch = 1, SamplesPerDecode = 8 };
        RolloutCost cost = RolloutCost.Of(
            LlamaGenConfiguration.Of(LlamaGenSize.XXL, gridSize: 24), LlamaGenTokenizerConfiguration.Vq16(384), options, RewardNetwork.Lpips);
        var machine = new MachineRate(OperationsPerSecond: 50e12, BytesPerSecond: 3e12); // or MachineRate.Measure()

        foreach (PhaseCost phase in cost.Phases)
            Console.WriteLine($"{phase.Name,-8} {Amounts.OfOperations(phase.Operations),7} {phase.Seconds(machine),7:F3} s  {phase.Arithmetic}");
        Console.WriteLine($"rollout  {Amounts.OfOperations(cost.Operations),7} {cost.Seconds(machine),7:F3} s");
        foreach (MemoryItem item in cost.Memory.Held.Concat(cost.Memory.Phases))
            Console.WriteLine($"{Amounts.OfBytes(item.Bytes),7}  {item.Name}");
        Console.WriteLine($"{Amounts.OfBytes(cost.Memory.PeakBytes),7}  at the peak");
        #endregion
    }
}
