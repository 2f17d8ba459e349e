using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Rewards;

/// <summary>Checks what reward functions return, so that a mistake in one is named and does not reach the policy.</summary>
internal static class RewardCheck
{
    /// <summary>Shape and finiteness of everything in the batch.</summary>
    /// <param name="name">The reward's name.</param>
    /// <param name="batch">What it returned.</param>
    /// <param name="samples">N, as many as it was given.</param>
    /// <param name="positions">T.</param>
    /// <exception cref="RewardException">Something is wrong.</exception>
    public static void Check(string name, RewardBatch? batch, long samples, long positions)
    {
        if (batch is null)
            throw new RewardException(name, "its scorer returned null instead of a RewardBatch.");
        CheckTensor(name, "value", batch.Values, samples);
        foreach ((string component, Tensor values) in batch.Components)
            CheckTensor(name, $"component '{component}'", values, samples);
        if (batch.PositionValues is { } perPosition)
            CheckTensor(name, "value a position", perPosition, samples, positions);
    }

    private static void CheckTensor(string name, string what, Tensor values, params long[] shape)
    {
        if (!values.shape.SequenceEqual(shape))
        {
            throw new RewardException(
                name,
                $"it was given {shape[0]} samples and returned a {what} tensor of shape ({string.Join(", ", values.shape)}); it must be ({string.Join(", ", shape)}), one {what} a sample.");
        }

        if (!values.is_floating_point())
            throw new RewardException(name, $"its {what} tensor is of type {values.dtype}; it must be a floating-point type such as Float32.");
        using DisposeScope scope = NewDisposeScope();
        long notFinite = values.isfinite().logical_not().sum().item<long>();
        if (notFinite > 0)
        {
            throw new RewardException(
                name, $"{notFinite} of {values.numel()} numbers of its {what} tensor are NaN or infinite. Check it for divisions by zero, logarithms of zero and overflow.");
        }
    }
}
