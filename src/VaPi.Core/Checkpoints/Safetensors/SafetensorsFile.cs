using System.Buffers.Binary;
using System.Text.Json;
using VaPi.Checkpoints.Files;
using VaPi.Checkpoints.Tensors;

namespace VaPi.Checkpoints.Safetensors;

/// <summary>Parses a safetensors header: its length (8 bytes), a JSON object, then the tensors' data without gaps.</summary>
internal static class SafetensorsFile
{
    public const string MetadataKey = "__metadata__";

    private const int LengthBytes = 8;

    public static CheckpointIndex Read(CheckpointFile file)
    {
        var header = ReadHeader(file);
        long dataStart = LengthBytes + header.Length;
        var index = new CheckpointIndex(file);
        var extents = new List<(long Start, long End, string Name)>();
        var budget = new AllocationBudget(file);
        var json = new JsonCursor(file, budget, header);
        bool metadataSeen = false;

        json.Expect(JsonTokenType.StartObject);
        while (json.NextProperty(out string name))
        {
            if (name != MetadataKey)
            {
                budget.Charge(400);
                var (entry, start, end) = ReadTensor(file, ref json, name);
                var layout = TensorLayout.Contiguous(file, [.. entry.Shape]);
                CheckExtent(file, entry, layout, start, end, file.Length - dataStart);
                index.Add(new StoredTensor(entry, new FileRange(file, dataStart + start, end - start), layout));
                extents.Add((start, end, name));
            }
            else if (metadataSeen)
            {
                throw Twice(file, name);
            }
            else
            {
                metadataSeen = true;
                ReadMetadata(file, ref json, index.Metadata, budget);
            }
        }

        json.End();
        CheckCoverage(file, extents, file.Length - dataStart);
        return index;
    }

    private static byte[] ReadHeader(CheckpointFile file)
    {
        Span<byte> lengthBytes = stackalloc byte[LengthBytes];
        file.ReadExactly(0, lengthBytes);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(lengthBytes);
        long longest = Math.Min(file.Length - LengthBytes, CheckpointLimits.JsonBytes);
        if (length < 2 || length > (ulong)longest)
        {
            throw file.Refuse(
                $"its header claims {length} bytes",
                $"2 to {longest} bytes (what the file has, and at most {CheckpointLimits.JsonBytes >> 20} MB)");
        }

        var header = new byte[length];
        file.ReadExactly(LengthBytes, header);
        if (header[0] != '{')
            throw file.Refuse("its header does not begin with '{'", "a JSON object right after the header's length");

        return header;
    }

    private static (TensorEntry Entry, long Start, long End) ReadTensor(CheckpointFile file, ref JsonCursor json, string name)
    {
        string? dtype = null;
        long[]? shape = null;
        long[]? offsets = null;
        json.Expect(JsonTokenType.StartObject);
        while (json.NextProperty(out string field))
        {
            switch (field)
            {
                case "dtype" when dtype is null:
                    dtype = json.NextString();
                    break;
                case "shape" when shape is null:
                    shape = json.NextCounts();
                    break;
                case "data_offsets" when offsets is null:
                    offsets = json.NextCounts();
                    break;
                case "dtype" or "shape" or "data_offsets":
                    throw Twice(file, field);
                default:
                    json.SkipValue();
                    break;
            }
        }

        if (dtype is null || shape is null || offsets is not [long start, long end])
            throw file.Refuse($"the tensor {CheckpointFile.Quote(name)} is not fully described", "a dtype, a shape and two data_offsets a tensor");

        var type = ElementType.FromSafetensors(dtype) ?? throw file.Refuse(
            $"the tensor {CheckpointFile.Quote(name)} is of type {CheckpointFile.Quote(dtype)}",
            ElementType.SafetensorsNames,
            "Convert the tensor to one of these types where the file was made");
        return (new TensorEntry(name, type, shape), start, end);
    }

    private static void CheckExtent(CheckpointFile file, TensorEntry entry, TensorLayout layout, long start, long end, long dataLength)
    {
        // The count is at most 2^59, so its product with an element's size cannot overflow.
        long due = layout.Count * ElementType.SizeOf(entry.ScalarType);
        if (start > end || end > dataLength || end - start != due)
        {
            throw file.Refuse(
                $"the tensor {CheckpointFile.Quote(entry.Name)} lies at bytes {start} to {end} of {dataLength}, and its shape needs {due} bytes",
                "offsets inside the file that agree with the shape");
        }
    }

    // The format forbids gaps and overlaps: every byte of data belongs to one tensor.
    private static void CheckCoverage(CheckpointFile file, List<(long Start, long End, string Name)> extents, long dataLength)
    {
        extents.Sort((a, b) => a.Start != b.Start ? a.Start.CompareTo(b.Start) : a.End.CompareTo(b.End));
        long covered = 0;
        foreach (var (start, end, name) in extents)
        {
            if (start != covered)
            {
                throw file.Refuse(
                    $"the tensor {CheckpointFile.Quote(name)} starts at byte {start} of the data where {covered} is due",
                    "tensors that follow each other without gap or overlap");
            }

            covered = end;
        }

        if (covered != dataLength)
            throw file.Refuse($"its tensors cover {covered} of its {dataLength} bytes of data", "data that belongs to tensors, all of it");
    }

    private static void ReadMetadata(CheckpointFile file, ref JsonCursor json, Dictionary<string, string> metadata, AllocationBudget budget)
    {
        json.Expect(JsonTokenType.StartObject);
        while (json.NextProperty(out string key))
        {
            budget.Charge(64);
            if (!metadata.TryAdd(key, json.NextString()))
                throw Twice(file, key);
        }
    }

    private static CheckpointException Twice(CheckpointFile file, string name) =>
        file.Refuse($"the name {CheckpointFile.Quote(name)} occurs twice in one object", "each name once");
}
