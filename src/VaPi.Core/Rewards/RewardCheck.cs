using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Rewards;

/// <summary>
/// Checks what reward functions return, so that a mistake in one is named and does not reach the policy. Shapes are checked at
/// once; whether all numbers are finite is read for all chunks together, since on a GPU each read waits for the device.
/// </summary>
internal sealed class RewardCheck : IDisposable
{
    private readonly List<(string Name, string What, long Numbers)> _checked = [];
    private readonly List<Tensor> _notFinite = []; // () each, int64

    /// <summary>Looks at everything in the batch.</summary>
    /// <param name="name">The reward's name.</param>
    /// <param name="batch">What it returned.</param>
    /// <param name="samples">N, as many as it was given.</param>
    /// <param name="positions">T.</param>
    /// <exception cref="RewardException">A shape or type is wrong.</exception>
    public void Look(string name, RewardBatch? batch, long samples, long positions)
    {
        if (batch is null)
            throw new RewardException(name, "its scorer returned null instead of a RewardBatch.");
        Look(name, "value", batch.Values, samples);
        foreach ((string component, Tensor values) in batch.Components)
            Look(name, $"component '{component}'", values, samples);
        if (batch.PositionValues is { } perPosition)
            Look(name, "value a position", perPosition, samples, positions);
    }

    /// <summary>Reads whether all that was looked at was finite, and forgets it.</summary>
    /// <exception cref="RewardException">Some was not; the message names the first.</exception>
    public void ThrowIfNotFinite()
    {
        if (_notFinite.Count == 0)
            return;
        using DisposeScope scope = NewDisposeScope();
        long[] counts = stack(_notFinite).cpu().data<long>().ToArray();
        int first = Array.FindIndex(counts, count => count > 0);
        (string Name, string What, long Numbers)? wrong = first < 0 ? null : _checked[first];
        Dispose();
        if (wrong is var (name, what, numbers))
        {
            string problem = $"{counts[first]} of {numbers} numbers of its {what} tensor are NaN or infinite. Check it for divisions by zero, logarithms of zero and overflow.";
            throw new RewardException(name, problem) { IsNotFinite = true };
        }
    }

    public void Dispose()
    {
        foreach (Tensor count in _notFinite)
            count.Dispose();
        _notFinite.Clear();
        _checked.Clear();
    }

    private void Look(string name, string what, Tensor values, params long[] shape)
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
        _checked.Add((name, what, values.numel()));
        _notFinite.Add(values.isfinite().logical_not().sum().DetachFromDisposeScope());
    }
}
