using VaPi.Checkpoints.Files;
using static TorchSharp.torch;

namespace VaPi.Checkpoints.Tensors;

/// <summary>Reads stored elements into a new row-major CPU tensor, through at most a small staging buffer.</summary>
internal sealed class TensorLoader
{
    private const int StagingBytes = 4 << 20;

    // Tensor.bytes is a span, whose length is an int: larger tensors are filled slice by slice.
    private const long SliceBytes = 1 << 28;

    private readonly ScalarType _type;
    private readonly int _size;
    private readonly IByteReader _bytes;

    private TensorLoader(StoredTensor stored, IByteReader bytes)
    {
        _type = stored.Entry.ScalarType;
        _size = ElementType.SizeOf(_type);
        _bytes = bytes;
    }

    /// <returns>A tensor that belongs to the caller's dispose scope, or to the caller if there is none.</returns>
    public static Tensor Load(StoredTensor stored, ScalarType type)
    {
        using IByteReader bytes = stored.Bytes.Open();
        return Load(stored, type, bytes);
    }

    /// <param name="stored">What to read.</param>
    /// <param name="type">The element type of the result.</param>
    /// <param name="bytes">Its data, opened; stays the caller's.</param>
    /// <returns>As above.</returns>
    public static Tensor Load(StoredTensor stored, ScalarType type, IByteReader bytes)
    {
        using var scope = NewDisposeScope();
        var layout = stored.Layout;
        var result = empty(layout.Shape, dtype: type, device: CPU);
        if (layout.Count > 0)
        {
            var loader = new TensorLoader(stored, bytes);
            if (!layout.IsContiguous)
                loader.Gather(result, layout.Offset, layout.Shape, layout.Strides);
            else if (type != stored.Entry.ScalarType)
                loader.Gather(result.view(layout.Count), layout.Offset, [layout.Count], [1]);
            else
                loader.Copy(result.view(layout.Count), layout.Offset);
        }

        return result.MoveToOuterDisposeScope();
    }

    private void Copy(Tensor flat, long offset)
    {
        long slice = SliceBytes / _size;
        for (long start = 0; start < flat.shape[0]; start += slice)
        {
            using var part = flat.narrow(0, start, Math.Min(slice, flat.shape[0] - start));
            Read(offset + start, part.bytes);
        }
    }

    // Dimensions are taken in the storage's order, so that the file is read forwards whatever the strides are.
    private void Gather(Tensor target, long offset, long[] shape, long[] strides)
    {
        var order = Enumerable.Range(0, shape.Length).OrderByDescending(d => shape[d] == 1 ? long.MaxValue : strides[d]).ToArray();
        var sizes = order.Select(d => shape[d]).ToArray();
        var steps = order.Select(d => shape[d] == 1 ? 0 : strides[d]).ToArray();

        // spans[d]: how many storage elements the dimensions from d inwards stretch over.
        var spans = new long[sizes.Length + 1];
        spans[^1] = 1;
        for (int d = sizes.Length - 1; d >= 0; d--)
            spans[d] = spans[d + 1] + ((sizes[d] - 1) * steps[d]);

        long capacity = Math.Min(spans[0], StagingBytes / _size);
        using var staging = empty(capacity, dtype: _type, device: CPU);
        using var ordered = target.permute(order.Select(d => (long)d).ToArray());
        GatherFrom(ordered, 0, offset);

        void GatherFrom(Tensor part, int dimension, long start)
        {
            if (spans[dimension] <= capacity)
            {
                GatherPiece(part, dimension, start, sizes[dimension..]);
                return;
            }

            // One staging buffer's worth of this dimension at a time, or one index where even that is too much.
            bool innerFits = spans[dimension + 1] <= capacity;
            long length = innerFits ? ((capacity - spans[dimension + 1]) / steps[dimension]) + 1 : 1;
            for (long index = 0; index < sizes[dimension]; index += length)
            {
                long from = start + (index * steps[dimension]);
                if (innerFits)
                {
                    long taken = Math.Min(length, sizes[dimension] - index);
                    using var piece = part.narrow(0, index, taken);
                    GatherPiece(piece, dimension, from, [taken, .. sizes[(dimension + 1)..]]);
                }
                else
                {
                    using var piece = part.select(0, index);
                    GatherFrom(piece, dimension + 1, from);
                }
            }
        }

        void GatherPiece(Tensor part, int dimension, long start, long[] pieceSizes)
        {
            var pieceSteps = steps[dimension..];
            long span = 1;
            for (int d = 0; d < pieceSizes.Length; d++)
                span += (pieceSizes[d] - 1) * pieceSteps[d];

            Read(start, staging.bytes[..(int)(span * _size)]);
            using var source = staging.as_strided(pieceSizes, pieceSteps);
            part.copy_(source);
        }
    }

    private void Read(long element, Span<byte> destination)
    {
        _bytes.ReadExactly(element * _size, destination);

        // Native code takes a bool's byte for 0 or 1; a file may hold anything.
        if (_type == ScalarType.Bool)
        {
            foreach (ref byte value in destination)
                value = value == 0 ? (byte)0 : (byte)1;
        }
    }
}
