using VaPi.Checkpoints.Files;
using VaPi.Checkpoints.Safetensors;
using VaPi.Checkpoints.Tensors;
using VaPi.Checkpoints.Torch;
using static TorchSharp.torch;

namespace VaPi.Checkpoints;

/// <summary>Loads and saves whole checkpoints; <see cref="CheckpointReader"/> reads them tensor by tensor.</summary>
public static class Checkpoint
{
    /// <summary>Loads every tensor of a checkpoint in any format that <see cref="CheckpointReader"/> reads.</summary>
    /// <param name="path">The file; for a sharded checkpoint its <c>.safetensors.index.json</c>.</param>
    /// <returns>
    /// Name to tensor, in file order as far as the dictionary keeps it; row-major tensors on the CPU, in the stored
    /// types. Every tensor belongs to the caller (to the caller's dispose scope, where there is one). Tied tensors
    /// come as separate copies.
    /// </returns>
    /// <exception cref="CheckpointException">The file cannot be opened, is in no known format, is damaged, or asks for something that is not allowed.</exception>
    public static IReadOnlyDictionary<string, Tensor> Load(string path)
    {
        using var reader = CheckpointReader.Open(path);
        CheckTotal(reader);
        var tensors = new Dictionary<string, Tensor>(reader.Entries.Count, StringComparer.Ordinal);
        try
        {
            foreach (var entry in reader.Entries)
                tensors.Add(entry.Name, reader.Read(entry.Name));
        }
        catch
        {
            foreach (var tensor in tensors.Values)
                tensor.Dispose();

            throw;
        }

        return tensors;
    }

    /// <summary>Saves tensors as a safetensors file, replacing one that is there already.</summary>
    /// <remarks>
    /// The file is written beside its place under a temporary name and renamed once complete: under
    /// <paramref name="path"/> there is always the old file or the new one, never a part.
    /// </remarks>
    /// <param name="path">The file to write; its folder exists.</param>
    /// <param name="tensors">Name and tensor, each name once; of any shape and strides, on any device. They stay the caller's.</param>
    /// <param name="metadata">Notes to store as <c>__metadata__</c>.</param>
    /// <param name="storeAs">The type to store floating-point tensors as (Float64, Float32, Float16 or BFloat16); each tensor's own if null. Other tensors keep their type.</param>
    /// <exception cref="CheckpointException">A name or a tensor cannot be stored, or the file cannot be written.</exception>
    public static void Save(
        string path,
        IEnumerable<KeyValuePair<string, Tensor>> tensors,
        IReadOnlyDictionary<string, string>? metadata = null,
        ScalarType? storeAs = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(tensors);
        new SafetensorsWriter(path, tensors, storeAs).Write(metadata);
    }

    /// <summary>
    /// Saves tensors as PyTorch's <c>torch.save</c> does (the zip format), so that its <c>torch.load</c> reads them, also with
    /// <c>weights_only=True</c>. An existing file is replaced as in <see cref="Save"/>.
    /// </summary>
    /// <param name="path">The file to write; its folder exists.</param>
    /// <param name="tensors">Name and tensor, each name once; of any shape and strides, on any device. They stay the caller's.</param>
    /// <param name="under">The key of a dictionary under which the state dict is put, such as <c>model</c>; null for the bare state dict.</param>
    /// <param name="storeAs">As in <see cref="Save"/>.</param>
    /// <exception cref="CheckpointException">A name or a tensor cannot be stored, or the file cannot be written.</exception>
    public static void SaveTorch(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, string? under = null, ScalarType? storeAs = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(tensors);
        TorchZipWriter.Write(path, TensorsToStore.Check(path, tensors, storeAs), under);
    }

    // A small torch file may name one storage a hundred thousand times, and every name becomes a copy.
    private static void CheckTotal(CheckpointReader reader)
    {
        Int128 total = 0;
        foreach (var entry in reader.Entries)
            total += entry.Shape.Aggregate((Int128)ElementType.SizeOf(entry.ScalarType), (bytes, size) => bytes * size);

        if (total > CheckpointLimits.LoadRatio * ((Int128)reader.DataLength + CheckpointLimits.InflationFloor))
        {
            throw new CheckpointException(
                reader.Path,
                $"its tensors take {total} bytes, from a file of {reader.DataLength}",
                $"at most {CheckpointLimits.LoadRatio} times the file",
                "Read the tensors that are needed one by one with CheckpointReader");
        }
    }
}
