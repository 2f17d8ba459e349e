namespace VaPi.Checkpoints.Files;

/// <summary>Counts down the memory that a file's description may take, before it is taken.</summary>
internal sealed class AllocationBudget(CheckpointFile file)
{
    private long _remaining = CheckpointLimits.DescriptionBytes;

    public void Charge(long bytes)
    {
        if (bytes > _remaining)
        {
            throw file.Refuse(
                $"describing its tensors takes more than {CheckpointLimits.DescriptionBytes >> 20} MB",
                "names, shapes and small values beside the tensor data",
                "Save only the state dict, without optimiser or training objects");
        }

        _remaining -= bytes;
    }

    public void ChargeString(long characters) => Charge(40 + (2 * characters));
}
