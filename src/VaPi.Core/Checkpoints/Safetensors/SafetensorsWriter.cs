using System.Buffers.Binary;
using System.Text.Json;
using VaPi.Checkpoints.Files;
using VaPi.Checkpoints.Tensors;
using static TorchSharp.torch;

namespace VaPi.Checkpoints.Safetensors;

/// <summary>Writes a safetensors file.</summary>
internal sealed class SafetensorsWriter
{
    private const int Alignment = 8;

    private readonly string _path;
    private readonly List<(string Name, Tensor Tensor, ScalarType Type)> _tensors;

    public SafetensorsWriter(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors, ScalarType? storeAs)
    {
        _path = path;
        _tensors = TensorsToStore.Check(path, tensors, storeAs, SafetensorsFile.MetadataKey);

        // Wider elements first: with the header padded to 8 bytes, every tensor is aligned to its element size.
        _tensors = [.. _tensors.OrderByDescending(tensor => ElementType.SizeOf(tensor.Type))];
    }

    public void Write(IEnumerable<KeyValuePair<string, string>>? metadata)
    {
        var header = Header(metadata);
        AtomicFile.Write(_path, stream =>
        {
            stream.Write(header);
            foreach (var (_, tensor, type) in _tensors)
                TensorsToStore.WriteData(stream, tensor, type);
        });
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

    private CheckpointException Refuse(string found, string allowed, string remedy) => new(_path, found, allowed, remedy);
}
