using VaPi.Checkpoints.Files;
using VaPi.Checkpoints.Tensors;
using static TorchSharp.torch;

namespace VaPi.Checkpoints.Safetensors;

/// <summary>Writes a safetensors file.</summary>
internal sealed class SafetensorsWriter
{
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
        byte[] header = SafetensorsHeader.Write(_path, [.. _tensors.Select(tensor => new TensorEntry(tensor.Name, tensor.Type, tensor.Tensor.shape))], metadata);
        AtomicFile.Write(_path, stream =>
        {
            stream.Write(header);
            foreach (var (_, tensor, type) in _tensors)
                TensorsToStore.WriteData(stream, tensor, type);
        });
    }
}
