using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Conformance;

/// <summary>Tries the rules of a contract one after the other. What the part throws is a broken rule, too.</summary>
internal sealed class Rules
{
    private readonly List<ConformanceFinding> _findings = [];

    public ConformanceReport Report(object part) => new(part.GetType().Name, _findings);

    /// <summary>Tries a rule in a dispose scope of its own.</summary>
    /// <param name="rule">Its name.</param>
    /// <param name="find">What was found, and whether that is as it should be.</param>
    /// <returns>Whether it is kept.</returns>
    public bool Try(string rule, Func<(bool IsKept, string Text)> find)
    {
        using DisposeScope scope = NewDisposeScope();
        try
        {
            (bool kept, string text) = find();
            _findings.Add(new ConformanceFinding(rule, kept, text));
        }
        catch (Exception exception) when (exception is not (OutOfMemoryException or OperationCanceledException))
        {
            _findings.Add(new ConformanceFinding(rule, false, $"it threw {exception.GetType().Name}: {exception.Message}"));
        }

        return _findings[^1].IsKept;
    }

    public static string Shape(Tensor tensor) => $"{tensor.dtype} ({string.Join(", ", tensor.shape)})";

    /// <summary>Why a tensor is not the one that is due; null if it is.</summary>
    public static string? Misfit(Tensor tensor, string what, Device device, ScalarType[] types, params long[] shape)
    {
        if (!types.Contains(tensor.dtype) || !tensor.shape.SequenceEqual(shape))
            return $"{what} is {Shape(tensor)}; it must be {string.Join(" or ", types)} ({string.Join(", ", shape)}).";
        if (!Native.ComputeDevice.AreSame(tensor.device, device))
            return $"{what} is on the device {tensor.device}; it must be on {device}.";
        return tensor.is_floating_point() && !tensor.isfinite().all().item<bool>() ? $"{what} has numbers that are NaN or infinite." : null;
    }

    public static bool AreEqual(Tensor left, Tensor right) => left.shape.SequenceEqual(right.shape) && left.eq(right).all().item<bool>();

    /// <summary>The largest difference, as a share of the largest magnitude of the first.</summary>
    public static double Difference(Tensor expected, Tensor found)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor wide = expected.to(ScalarType.Float64);
        double scale = Math.Max(wide.abs().max().item<double>(), double.Epsilon);
        return (wide - found.to(ScalarType.Float64)).abs().max().item<double>() / scale;
    }
}
