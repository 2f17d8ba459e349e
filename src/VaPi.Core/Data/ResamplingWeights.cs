namespace VaPi.Data;

/// <summary>
/// For each pixel of a stretch of an output axis: which input pixels it is made of, and with what weights.
/// Weights are integers of <see cref="FractionBits"/> binary places, because the imaging library of the published
/// pipeline computes 8-bit images so, and agreeing to the last bit is then possible.
/// </summary>
internal sealed class ResamplingWeights
{
    /// <summary>8 bits for the value and 2 for a sum that overshoots leave 22 of 32.</summary>
    public const int FractionBits = 22;

    private readonly int[] _starts;
    private readonly int[] _counts;
    private readonly int[] _weights;
    private readonly int _stride;

    /// <summary>Computes the weights of outputs <paramref name="first"/> … first + count - 1.</summary>
    /// <param name="inputLength">Pixels along the whole input axis.</param>
    /// <param name="outputLength">Pixels along the whole output axis, of which only the stretch is computed.</param>
    /// <param name="first">The first output pixel.</param>
    /// <param name="count">How many output pixels.</param>
    /// <param name="kernel">The filter.</param>
    public ResamplingWeights(int inputLength, int outputLength, int first, int count, ResamplingKernel kernel)
    {
        double scale = (double)inputLength / outputLength;
        double stretch = Math.Max(1, scale);
        double support = stretch * (kernel == ResamplingKernel.Box ? 0.5 : 2);
        double inverse = 1 / stretch;

        _starts = new int[count];
        _counts = new int[count];
        _stride = Math.Min(inputLength, (2 * (int)Math.Ceiling(support)) + 1);
        _weights = new int[checked(count * _stride)];

        double[] values = new double[_stride];
        for (int i = 0; i < count; i++)
        {
            double centre = (first + i + 0.5) * scale;
            int start = Math.Max(0, (int)(centre - support + 0.5));
            int length = Math.Min(inputLength, (int)(centre + support + 0.5)) - start;
            double sum = 0;
            for (int j = 0; j < length; j++)
                sum += values[j] = Value(kernel, (start + j - centre + 0.5) * inverse);

            _starts[i] = start;
            _counts[i] = length;
            Span<int> weights = _weights.AsSpan(i * _stride, length);
            for (int j = 0; j < length; j++)
                weights[j] = (int)Math.Round((sum == 0 ? values[j] : values[j] / sum) * (1 << FractionBits), MidpointRounding.AwayFromZero);
        }
    }

    public int Count => _starts.Length;

    /// <summary>The first input pixel that any output of the stretch needs.</summary>
    public int InputStart => _starts[0];

    /// <summary>One past the last input pixel that any output of the stretch needs.</summary>
    public int InputEnd => _starts[^1] + _counts[^1];

    /// <summary>The first input pixel of output <paramref name="index"/> of the stretch.</summary>
    public int Start(int index) => _starts[index];

    /// <summary>The weights of output <paramref name="index"/> of the stretch, from its first input pixel on.</summary>
    public ReadOnlySpan<int> Of(int index) => _weights.AsSpan(index * _stride, _counts[index]);

    private static double Value(ResamplingKernel kernel, double x)
    {
        if (kernel == ResamplingKernel.Box)
            return x is > -0.5 and <= 0.5 ? 1 : 0;

        const double A = -0.5;
        x = Math.Abs(x);
        return x switch
        {
            < 1 => ((((A + 2) * x) - (A + 3)) * x * x) + 1,
            < 2 => ((((x - 5) * x + 8) * x) - 4) * A,
            _ => 0,
        };
    }
}
