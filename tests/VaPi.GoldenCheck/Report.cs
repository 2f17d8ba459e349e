using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.GoldenCheck;

/// <summary>Prints one line a quantity and counts.</summary>
public sealed class Report(TextWriter output, IReadOnlyList<string> only)
{
    /// <summary>Forward values, losses, rewards and norms; near-zero values 1e-5 absolute.</summary>
    public const double ValueTolerance = 1e-4;

    /// <summary>Values of about this size and below are compared absolutely: 1e-4 * 0.1 = 1e-5.</summary>
    private const double NearZero = 0.1;

    // A float32 sum's rounding error follows the size of what is summed, not of what is left: near-zero values of a tensor of
    // large ones are measured against half of the tensor's root mean square.
    private const double ShareOfScale = 0.5;

    public string Folder { get; set; } = "";

    public int Agreeing { get; private set; }

    public int Wrong { get; private set; }

    public int Pending { get; private set; }

    public bool Wants(IReadOnlyList<string> names) => only.Count == 0 || names.Any(name => only.Any(wanted => name.StartsWith(wanted, StringComparison.Ordinal) || wanted.StartsWith(name, StringComparison.Ordinal)));

    public void Line(string name, double error, double tolerance)
    {
        if (!Selected(name))
            return;
        bool agrees = error <= tolerance; // false for NaN
        (Agreeing, Wrong) = agrees ? (Agreeing + 1, Wrong) : (Agreeing, Wrong + 1);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Folder + "/" + name,-62} {error,10:0.0e+00} {tolerance,8:0.0e+00}  {(agrees ? "ok" : "WRONG")}"));
    }

    public void NotCovered(string name)
    {
        if (!Selected(name))
            return;
        Pending++;
        output.WriteLine($"{Folder + "/" + name,-62} {"-",10} {"-",8}  pending");
    }

    public void Failed(string name, Exception exception)
    {
        Wrong++;
        output.WriteLine($"{Folder + "/" + name,-62} {"-",10} {"-",8}  WRONG ({exception.GetType().Name}: {exception.Message})");
    }

    /// <summary>Every value within 1e-4 of itself, near-zero ones within 1e-5 or that share of the tensor's scale.</summary>
    public void Values(string name, Tensor actual, Tensor expected, double tolerance = ValueTolerance)
    {
        using DisposeScope scope = NewDisposeScope();
        if (!actual.shape.SequenceEqual(expected.shape))
        {
            Failed(name, new InvalidDataException($"shape ({string.Join(", ", actual.shape)}) where ({string.Join(", ", expected.shape)}) is expected"));
            return;
        }

        (Tensor left, Tensor right) = (actual.detach().cpu().to(ScalarType.Float64), expected.cpu().to(ScalarType.Float64));
        double scale = Math.Max(NearZero, ShareOfScale * right.square().mean().sqrt().item<double>());
        Line(name, ((left - right).abs() / right.abs().clamp(min: scale)).max().item<double>(), tolerance);
    }

    /// <summary>Every token the same; the error is the share that differs.</summary>
    public void Exact(string name, Tensor actual, Tensor expected)
    {
        using DisposeScope scope = NewDisposeScope();
        double share = actual.shape.SequenceEqual(expected.shape)
            ? (actual.cpu() != expected.cpu()).to(ScalarType.Float64).mean().item<double>()
            : double.NaN;
        Line(name, share, 0);
    }

    /// <summary>The norm of the difference against the norm of what is expected, all tensors together.</summary>
    public static double RelativeNorm(IEnumerable<(Tensor Actual, Tensor Expected)> pairs)
    {
        using DisposeScope scope = NewDisposeScope();
        (double difference, double size) = (0, 0);
        foreach ((Tensor actual, Tensor expected) in pairs)
        {
            Tensor wide = expected.cpu().to(ScalarType.Float64);
            difference += (actual.cpu().to(ScalarType.Float64) - wide).square().sum().item<double>();
            size += wide.square().sum().item<double>();
        }

        return Math.Sqrt(difference) / Math.Max(Math.Sqrt(size), 1e-12);
    }

    private bool Selected(string name) => only.Count == 0 || only.Any(wanted => name.StartsWith(wanted, StringComparison.Ordinal));
}
