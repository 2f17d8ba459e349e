using LlamaGen.CommandLine;
using LlamaGen.Reporting;
using VaPi.Models.LlamaGen.Costs;

namespace LlamaGen.Memory;

/// <summary>Shows what a command will need, and refuses it where the machine has less.</summary>
internal static class MemoryCheck
{
    // What a whole run took (docs/llamagen.md), relative to what was computed: allocators keep some of what was freed.
    private const double Measured = 1.1;

    /// <param name="what">What is about to be done, as in "Aligning a policy".</param>
    /// <param name="estimate">What it needs.</param>
    /// <param name="machine">What the user says of the machine.</param>
    /// <param name="report">Gets the arithmetic.</param>
    /// <exception cref="CommandException">It does not fit.</exception>
    public static void Require(string what, MemoryEstimate estimate, MachineOptions machine, IReport report)
    {
        MemoryItem? largest = estimate.Phases.MaxBy(item => item.Bytes);
        report.Table(
            ["memory", "arithmetic", "size"],
            [
                .. estimate.Held.Select(item => Row(item, item.Name)),
                .. estimate.Phases.Select(item => Row(item, item == largest ? $"+ {item.Name}" : $"({item.Name})")),
                ["+ program and libtorch", "an allowance", Amounts.OfBytes(MemoryEstimate.ProgramBytes)],
                ["needed at the peak", "everything held, + the largest of what comes and goes", Amounts.OfBytes(estimate.PeakBytes)],
            ]);
        if (machine.AvailableBytes() is not long available)
        {
            report.Line("How much memory the GPU has free is not known here; --memory GB compares with a number of yours.");
            return;
        }

        report.Line($"Available: {Amounts.OfBytes(available)}{(machine.Memory is null ? "" : " (--memory)")}.");
        if (estimate.PeakBytes <= available)
        {
            if (Measured * estimate.PeakBytes > available)
                report.Warn("That is close: a run has been measured to take a tenth more than was computed.");
            return;
        }

        string shortage = $"{what} needs about {Amounts.OfBytes(estimate.PeakBytes)}, but {Amounts.OfBytes(available)} are available; the table above has the arithmetic.";
        if (!machine.IgnoreMemory)
            throw new CommandException($"{shortage} Take a smaller model, fewer images at a time, or another machine; --ignore-memory tries all the same.");
        report.Warn(shortage);
    }

    private static string[] Row(MemoryItem item, string name) => [name, item.Arithmetic, Amounts.OfBytes(item.Bytes)];
}
