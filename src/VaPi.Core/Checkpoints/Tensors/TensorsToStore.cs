using VaPi.Checkpoints.Files;
using static TorchSharp.torch;

namespace VaPi.Checkpoints.Tensors;

/// <summary>Tensors that can be stored, each with a name of its own and the type it is stored as.</summary>
internal static class TensorsToStore
{
    private const long ChunkBytes = 16 << 20;

    /// <param name="path">The file they go to, for messages.</param>
    /// <param name="tensors">Name and tensor.</param>
    /// <param name="storeAs">The type to store floating-point tensors as; each tensor's own if null.</param>
    /// <param name="reserved">A name that the format keeps for itself.</param>
    /// <exception cref="CheckpointException">A name or a tensor cannot be stored.</exception>
    public static List<(string Name, Tensor Tensor, ScalarType Type)> Check(
        string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, ScalarType? storeAs, string? reserved = null)
    {
        if (storeAs is ScalarType wanted && !ElementType.IsFloating(wanted))
            throw new CheckpointException(path, $"the file is to be stored as {wanted}", "Float64, Float32, Float16 or BFloat16", "Choose one of these, or null");

        var names = new HashSet<string>(StringComparer.Ordinal);
        var accepted = new List<(string Name, Tensor Tensor, ScalarType Type)>();
        foreach (var (name, tensor) in tensors)
        {
            if (name is null || name == reserved || !names.Add(name))
                throw new CheckpointException(path, $"the name {CheckpointFile.Quote(name ?? "null")} cannot be used, or not again", "a name of its own for each tensor", "Rename the tensor");

            if (tensor is null || tensor.is_sparse || ElementType.SizeOf(tensor.dtype) == 0)
            {
                throw new CheckpointException(
                    path,
                    $"the tensor {CheckpointFile.Quote(name)} is {(tensor is null ? "null" : tensor.is_sparse ? "sparse" : $"of type {tensor.dtype}")}",
                    $"dense tensors of the types {ElementType.SafetensorsNames}",
                    "Convert it first");
            }

            accepted.Add((name, tensor, ElementType.IsFloating(tensor.dtype) ? storeAs ?? tensor.dtype : tensor.dtype));
        }

        return accepted;
    }

    /// <summary>The elements in row-major order, a part at a time.</summary>
    public static void WriteData(Stream stream, Tensor tensor, ScalarType type)
    {
        using var scope = NewDisposeScope();
        var flat = tensor.detach().contiguous().view(-1);
        long chunk = ChunkBytes / Math.Max(ElementType.SizeOf(type), ElementType.SizeOf(tensor.dtype));
        for (long start = 0; start < flat.shape[0]; start += chunk)
        {
            // Converted where the tensor lives, so that halves and not floats cross over from a GPU.
            using var chunkScope = NewDisposeScope();
            var part = flat.narrow(0, start, Math.Min(chunk, flat.shape[0] - start)).to(type).to(CPU);
            stream.Write(part.bytes);
        }
    }
}
