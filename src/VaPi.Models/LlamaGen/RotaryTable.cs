using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Models.LlamaGen;

/// <summary>
/// The two-dimensional rotary embedding of LlamaGen: the first half of a head's pairs turns with the row of the grid
/// cell, the second half with the column.
/// </summary>
internal static class RotaryTable
{
    /// <summary>
    /// One complex factor a position and pair. At condition positions it is zero, not one: the published cache starts with
    /// zero rows, so queries and keys vanish there, and the checkpoints were trained with that.
    /// </summary>
    /// <returns>(C + T, 1, head/2), complex64, for C condition positions; belongs to the caller.</returns>
    public static Tensor Create(int gridSize, int headWidth, double rotaryBase, int conditionTokens, Device device)
    {
        int pairs = headWidth / 2;
        int positions = gridSize * gridSize;
        var cosineSine = new float[(conditionTokens + positions) * pairs * 2];
        for (int position = 0; position < positions; position++)
        {
            for (int pair = 0; pair < pairs; pair++)
            {
                // f_i = base^(-2i/half), half = head/2, computed in float32 as the published cache is.
                int frequency = pair % (pairs / 2);
                float inverse = 1f / MathF.Pow((float)rotaryBase, 2f * frequency / pairs);
                int cell = pair < pairs / 2 ? position / gridSize : position % gridSize;
                float angle = cell * inverse;
                int at = ((conditionTokens + position) * pairs + pair) * 2;
                cosineSine[at] = MathF.Cos(angle);
                cosineSine[at + 1] = MathF.Sin(angle);
            }
        }

        using DisposeScope scope = NewDisposeScope();
        return tensor(cosineSine, [conditionTokens + positions, 1, pairs, 2], device: device).view_as_complex().DetachFromDisposeScope();
    }

    /// <summary>Turns neighbouring pairs of queries or keys.</summary>
    /// <param name="heads">(B, S, heads, head), float32 or float64.</param>
    /// <param name="table">(S, 1, head/2), complex64.</param>
    /// <returns>(B, S, heads, head), of the same type.</returns>
    public static Tensor Apply(Tensor heads, Tensor table)
    {
        long[] shape = heads.shape;
        return (heads.reshape(shape[0], shape[1], shape[2], shape[3] / 2, 2).view_as_complex() * table).view_as_real().flatten(3);
    }
}
