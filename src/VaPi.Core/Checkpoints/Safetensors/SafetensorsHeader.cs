using System.Buffers.Binary;
using System.Text.Json;
using VaPi.Checkpoints.Files;
using VaPi.Checkpoints.Tensors;

namespace VaPi.Checkpoints.Safetensors;

/// <summary>Writes what a safetensors file begins with.</summary>
internal static class SafetensorsHeader
{
    private const int LengthBytes = 8;
    private const int Alignment = 8;

    /// <summary>The header's length and the header, padded to 8 bytes.</summary>
    /// <param name="path">The file it is for, for messages.</param>
    /// <param name="tensors">The tensors in the order of their data; each begins where the one before ends.</param>
    /// <param name="metadata">Notes; null for none.</param>
    /// <exception cref="CheckpointException">It would be longer than readers take.</exception>
    public static byte[] Write(string path, IReadOnlyList<TensorEntry> tensors, IEnumerable<KeyValuePair<string, string>>? metadata)
    {
        using var buffer = new MemoryStream();
        buffer.Write(new byte[LengthBytes]);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is not null && metadata.Any())
                WriteMetadata(json, metadata);
            long offset = 0;
            foreach (TensorEntry tensor in tensors)
                offset = WriteTensor(json, tensor, offset);
            json.WriteEndObject();
        }

        while (buffer.Length % Alignment != 0)
            buffer.WriteByte((byte)' ');

        long length = buffer.Length - LengthBytes;
        if (length > CheckpointLimits.JsonBytes || tensors.Count > CheckpointLimits.Tensors)
        {
            throw new CheckpointException(
                path,
                $"its header takes {length} bytes for {tensors.Count} tensors",
                $"at most {CheckpointLimits.JsonBytes >> 20} MB and {CheckpointLimits.Tensors} tensors, which is what readers take",
                "Split the checkpoint, or shorten its metadata");
        }

        byte[] header = buffer.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(header, length);
        return header;
    }

    private static void WriteMetadata(Utf8JsonWriter json, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        json.WriteStartObject(SafetensorsFile.MetadataKey);
        foreach ((string key, string value) in metadata)
            json.WriteString(key, value);
        json.WriteEndObject();
    }

    private static long WriteTensor(Utf8JsonWriter json, TensorEntry tensor, long offset)
    {
        long end = offset + tensor.Shape.Aggregate((long)ElementType.SizeOf(tensor.ScalarType), (bytes, size) => bytes * size);
        json.WriteStartObject(tensor.Name);
        json.WriteString("dtype", ElementType.ToSafetensors(tensor.ScalarType));
        json.WriteStartArray("shape");
        foreach (long size in tensor.Shape)
            json.WriteNumberValue(size);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(offset);
        json.WriteNumberValue(end);
        json.WriteEndArray();
        json.WriteEndObject();
        return end;
    }
}
