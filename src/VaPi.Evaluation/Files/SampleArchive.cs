using TorchSharp;
using VaPi.Checkpoints;
using static TorchSharp.torch;

namespace VaPi.Evaluation.Files;

/// <summary>
/// Images as the field's evaluators read them: a <c>.npz</c> whose array <c>arr_0</c> is (N, H, W, 3) of bytes. Reference batches
/// are published in it too.
/// </summary>
public static class SampleArchive
{
    /// <summary>The array's name.</summary>
    internal const string Images = "arr_0";

    /// <summary>Reads the images batch by batch; no more than a batch is in memory.</summary>
    /// <param name="path">The file. It is opened when the result is enumerated.</param>
    /// <param name="batchSize">Images of a batch, at least 1.</param>
    /// <returns>(N, 3, H, W), float32, in [-1, 1], on the CPU; each belongs to whoever enumerates.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="batchSize"/> is below 1.</exception>
    /// <exception cref="CheckpointException">On enumeration: the file cannot be read, or has no such array.</exception>
    public static IEnumerable<Tensor> Read(string path, int batchSize = 64)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        return Batches(path, batchSize);
    }

    private static IEnumerable<Tensor> Batches(string path, int batchSize)
    {
        using CheckpointReader file = CheckpointReader.Open(path);
        TensorEntry? entry = file.Entries.FirstOrDefault(entry => entry.Name == Images);
        if (entry is not { ScalarType: ScalarType.Byte, Shape: [_, _, _, 3] })
        {
            throw new CheckpointException(
                path, entry is null ? $"it has no '{Images}'" : $"its '{Images}' is {entry.ScalarType} ({string.Join(", ", entry.Shape)})", "bytes (N, H, W, 3)",
                $"Give samples as numpy.savez(path, images) writes them; {nameof(SampleArchiveWriter)} does too");
        }

        for (long done = 0; done < entry.Shape[0]; done += batchSize)
            yield return Batch(file, done, Math.Min(batchSize, entry.Shape[0] - done));
    }

    private static Tensor Batch(CheckpointReader file, long first, long count)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor bytes = file.ReadRows(Images, first, count); // (N, H, W, 3)
        return bytes.permute(0, 3, 1, 2).to(ScalarType.Float32).div_(127.5).sub_(1).contiguous().MoveToOuterDisposeScope();
    }
}
