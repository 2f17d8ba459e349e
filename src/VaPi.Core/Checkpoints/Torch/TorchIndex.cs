using VaPi.Checkpoints.Files;
using VaPi.Checkpoints.Tensors;

namespace VaPi.Checkpoints.Torch;

/// <summary>Brings the pickle's tensors and the file's storages together.</summary>
internal static class TorchIndex
{
    public static CheckpointIndex Make(
        CheckpointFile file, List<(string Name, TorchTensor Tensor)> tensors, Dictionary<string, ByteRange> data)
    {
        var index = new CheckpointIndex(file);
        foreach (var (name, tensor) in tensors)
        {
            var entry = new TensorEntry(name, tensor.Storage.Type, tensor.Layout.Shape);
            index.Add(new StoredTensor(entry, data[tensor.Storage.Key], tensor.Layout));
        }

        return index;
    }
}
