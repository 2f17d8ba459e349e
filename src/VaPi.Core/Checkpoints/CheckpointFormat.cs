using System.Buffers.Binary;
using VaPi.Checkpoints.Files;
using VaPi.Checkpoints.Numpy;
using VaPi.Checkpoints.Safetensors;
using VaPi.Checkpoints.Tensors;
using VaPi.Checkpoints.Torch;
using VaPi.Checkpoints.Zip;

namespace VaPi.Checkpoints;

/// <summary>Tells the formats apart by a file's first bytes.</summary>
internal static class CheckpointFormat
{
    public static CheckpointReader Read(CheckpointFile file)
    {
        Span<byte> head = stackalloc byte[16];
        int length = (int)Math.Min(head.Length, file.Length);
        head = head[..length];
        file.ReadExactly(0, head);

        if (head.StartsWith("PK\x03\x04"u8))
            return new IndexedReader(file, ReadZip(file));

        if (head.StartsWith(TorchLegacy.Signature))
            return new IndexedReader(file, TorchLegacy.Read(file));

        if (head.StartsWith(NumpyFile.Signature))
            return new IndexedReader(file, NumpyFile.Read(file));

        bool brace = length > 8 && head[8] == '{';
        if (brace && BinaryPrimitives.ReadUInt64LittleEndian(head) <= (ulong)file.Length)
            return new IndexedReader(file, SafetensorsFile.Read(file));

        if (length > 0 && head[0] == '{')
            return SafetensorsShards.Read(file);

        // Neither can be read; the file says of itself what it means to be, and the parser says what is wrong.
        if (brace || file.Path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))
            return new IndexedReader(file, SafetensorsFile.Read(file));

        throw file.Refuse(
            length == 0 ? "the file is empty" : $"it begins with the bytes {Convert.ToHexString(head)}, which no known format does",
            "safetensors, a safetensors index, a torch file (zip or legacy), or a NumPy array or archive of them",
            "Check that this is the checkpoint and that it was fetched whole (a text file here is often a download's error page or a pointer)");
    }

    private static CheckpointIndex ReadZip(CheckpointFile file)
    {
        var budget = new AllocationBudget(file);
        ZipDirectory archive = ZipDirectory.Read(file, budget);
        return NumpyArchive.Fits(archive) ? NumpyArchive.Read(file, archive) : TorchZip.Read(file, archive, budget);
    }
}
