using VaPi.Checkpoints.Files;

namespace VaPi.Checkpoints.Tensors;

/// <summary>What every format's parser makes of a file: the tensors in file order, findable by name.</summary>
internal sealed class CheckpointIndex(CheckpointFile file)
{
    private readonly Dictionary<string, StoredTensor> _byName = new(StringComparer.Ordinal);
    private readonly List<TensorEntry> _entries = [];

    public IReadOnlyList<TensorEntry> Entries => _entries;

    public Dictionary<string, string> Metadata { get; } = new(StringComparer.Ordinal);

    public StoredTensor? Find(string name) => _byName.GetValueOrDefault(name);

    public void Add(StoredTensor tensor)
    {
        if (_entries.Count == CheckpointLimits.Tensors)
            throw file.Refuse($"it holds more than {CheckpointLimits.Tensors} tensors", "fewer tensors", "Split the checkpoint");

        if (!_byName.TryAdd(tensor.Entry.Name, tensor))
            throw file.Refuse($"the name {CheckpointFile.Quote(tensor.Entry.Name)} occurs twice", "one tensor a name");

        _entries.Add(tensor.Entry);
    }
}
