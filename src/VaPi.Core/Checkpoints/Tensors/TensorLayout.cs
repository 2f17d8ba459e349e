using VaPi.Checkpoints.Files;

namespace VaPi.Checkpoints.Tensors;

/// <summary>Where a tensor's elements lie in its storage. Offset and strides count elements.</summary>
internal sealed class TensorLayout
{
    private TensorLayout(long offset, long[] shape, long[] strides, long count)
    {
        Offset = offset;
        Shape = shape;
        Strides = strides;
        Count = count;
        IsContiguous = count <= 1 || strides.AsSpan().SequenceEqual(RowMajor(shape, strides));
    }

    public long Offset { get; }

    public long[] Shape { get; }

    public long[] Strides { get; }

    /// <summary>The number of elements.</summary>
    public long Count { get; }

    /// <summary>Whether the elements lie one after the other in row-major order.</summary>
    public bool IsContiguous { get; }

    /// <summary>A row-major layout that starts its storage.</summary>
    public static TensorLayout Contiguous(CheckpointFile file, long[] shape)
    {
        long count = CountOf(file, shape);
        return new TensorLayout(0, shape, RowMajor(shape, shape), count);
    }

    /// <summary>A view of a storage, refused unless every element lies inside it and no two share a place.</summary>
    public static TensorLayout View(CheckpointFile file, long offset, long[] shape, long[] strides, long storageCount)
    {
        long count = CountOf(file, shape);
        if (strides.Length != shape.Length || offset < 0 || strides.Any(stride => stride < 0))
            throw Malformed();

        // The bound on the count keeps an expanded (stride 0) tensor from being larger than its file.
        if (count > storageCount || offset > storageCount)
            throw Malformed();

        if (count > 0)
        {
            Int128 last = offset;
            for (int d = 0; d < shape.Length; d++)
                last += (Int128)(shape[d] - 1) * strides[d];

            if (last >= storageCount || Overlaps(shape, strides))
                throw Malformed();
        }

        return new TensorLayout(offset, shape, strides, count);

        CheckpointException Malformed() => file.Refuse(
            $"a tensor of shape [{Show(shape)}] with strides [{Show(strides)}] at offset {offset} does not fit a storage of {storageCount} elements",
            "tensors inside their storage, no larger than it, with strides that do not overlap",
            "Make such tensors contiguous before they are saved");
    }

    /// <summary>Some consecutive rows of the first dimension.</summary>
    public TensorLayout Rows(long first, long count)
    {
        long[] shape = [count, .. Shape[1..]];
        return new TensorLayout(Offset + (first * Strides[0]), shape, Strides, Shape[0] == 0 ? 0 : Count / Shape[0] * count);
    }

    public static string Show(long[] values) => string.Join(", ", values.Take(16)) + (values.Length > 16 ? ", …" : "");

    private static long CountOf(CheckpointFile file, long[] shape)
    {
        // Sizes of 0 are left out of the check, so that no order of multiplication can overflow later.
        Int128 product = 1;
        bool empty = false;
        bool sound = shape.Length <= CheckpointLimits.Dimensions;
        foreach (long size in shape)
        {
            empty |= size == 0;
            product *= size == 0 ? 1 : size;
            sound &= size >= 0 && product <= long.MaxValue / 16;
            if (!sound)
                break;
        }

        if (!sound)
        {
            throw file.Refuse(
                $"a tensor's shape is [{Show(shape)}]",
                $"at most {CheckpointLimits.Dimensions} sizes, none negative, whose product is a number of elements that can exist");
        }

        return empty ? 0 : (long)product;
    }

    // Where a size is 1 its stride says nothing, so whatever the file gives there is taken over.
    private static long[] RowMajor(long[] shape, long[] given)
    {
        var strides = new long[shape.Length];
        long step = 1;
        for (int d = shape.Length - 1; d >= 0; d--)
        {
            strides[d] = shape[d] == 1 ? given[d] : step;
            step *= Math.Max(shape[d], 1);
        }

        return strides;
    }

    // Dimensions of stride 0 repeat elements and are fine; otherwise each must step over all that lies inside it.
    private static bool Overlaps(long[] shape, long[] strides)
    {
        Int128 inner = 0;
        foreach (int d in Enumerable.Range(0, shape.Length).Where(d => shape[d] > 1 && strides[d] > 0).OrderBy(d => strides[d]))
        {
            if (strides[d] <= inner)
                return true;

            inner += (Int128)(shape[d] - 1) * strides[d];
        }

        return false;
    }
}
