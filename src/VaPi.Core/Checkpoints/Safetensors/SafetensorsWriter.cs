using System.Buffers.Binary;
using System.Text.Json;
using VaPi.Checkpoints.Files;
using VaPi.Checkpoints.Tensors;
using static TorchSharp.torch;

namespace VaPi.Checkpoints.Safetensors;

/// <summary>Writes a safetensors file under a temporary name and renames it when all of it is on disk.</summary>
internal sealed class SafetensorsWriter
{
    private const int Alignment = 8;
    private const long ChunkBytes = 16 << 20;

    private readonly string _path;
    private readonly List<(string Name, Tensor Tensor, ScalarType Type)> _tensors = [];

    public SafetensorsWriter(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, ScalarType? storeAs)
    {
        _path = path;
        if (storeAs is ScalarType wanted && !ElementType.IsFloating(wanted))
            throw Refuse($"the file is to be stored as {wanted}", "Float64, Float32, Float16 or BFloat16", "Choose one of these, or null");

        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, tensor) in tensors)
        {
            if (name is null or SafetensorsFile.MetadataKey || !names.Add(name))
                throw Refuse($"the name {CheckpointFile.Quote(name ?? "null")} cannot be used, or not again", "a name of its own for each tensor", "Rename the tensor");

            if (tensor is null || tensor.is_sparse || ElementType.SizeOf(tensor.dtype) == 0)
            {
                throw Refuse(
                    $"the tensor {CheckpointFile.Quote(name)} is {(tensor is null ? "null" : tensor.is_sparse ? "sparse" : $"of type {tensor.dtype}")}",
                    $"dense tensors of the types {ElementType.SafetensorsNames}",
                    "Convert it first");
            }

            _tensors.Add((name, tensor, ElementType.IsFloating(tensor.dtype) ? storeAs ?? tensor.dtype : tensor.dtype));
        }

        // Wider elements first: with the header padded to 8 bytes, every tensor is aligned to its element size.
        _tensors = [.. _tensors.OrderByDescending(tensor => ElementType.SizeOf(tensor.Type))];
    }

    public void Write(IEnumerable<KeyValuePair<string, string>>? metadata)
    {
        var header = Header(metadata);
        string temporary = $"{_path}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                stream.Write(header);
                foreach (var (_, tensor, type) in _tensors)
                    WriteData(stream, tensor, type);

                // Without this, a power cut after the rename could leave an empty file under the final name.
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, _path, overwrite: true);
        }
        catch (Exception error)
        {
            TryDelete(temporary);
            if (error is IOException or UnauthorizedAccessException or NotSupportedException)
                throw Refuse("the file cannot be written", "a path in an existing folder that this process may write to", "See the inner exception", error);

            throw;
        }
    }

    private byte[] Header(IEnumerable<KeyValuePair<string, string>>? metadata)
    {
        using var buffer = new MemoryStream();
        buffer.Write(new byte[8]);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is not null && metadata.Any())
            {
                json.WriteStartObject(SafetensorsFile.MetadataKey);
                foreach (var (key, value) in metadata)
                    json.WriteString(key, value);

                json.WriteEndObject();
            }

            long offset = 0;
            foreach (var (name, tensor, type) in _tensors)
            {
                json.WriteStartObject(name);
                json.WriteString("dtype", ElementType.ToSafetensors(type));
                json.WriteStartArray("shape");
                foreach (long size in tensor.shape)
                    json.WriteNumberValue(size);

                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += tensor.NumberOfElements * ElementType.SizeOf(type));
                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        while (buffer.Length % Alignment != 0)
            buffer.WriteByte((byte)' ');

        long length = buffer.Length - 8;
        if (length > CheckpointLimits.JsonBytes || _tensors.Count > CheckpointLimits.Tensors)
        {
            throw Refuse(
                $"its header takes {length} bytes for {_tensors.Count} tensors",
                $"at most {CheckpointLimits.JsonBytes >> 20} MB and {CheckpointLimits.Tensors} tensors, which is what readers take",
                "Split the checkpoint, or shorten its metadata");
        }

        var header = buffer.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(header, length);
        return header;
    }

    private static void WriteData(FileStream stream, Tensor tensor, ScalarType type)
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

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The first error matters more than a leftover temporary file.
        }
    }

    private CheckpointException Refuse(string found, string allowed, string remedy, Exception? inner = null) =>
        new(_path, found, allowed, remedy, inner);
}
