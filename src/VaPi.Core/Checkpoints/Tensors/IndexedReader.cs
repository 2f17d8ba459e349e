using VaPi.Checkpoints.Files;

namespace VaPi.Checkpoints.Tensors;

/// <summary>The reader of every format: they differ only in how the index is made.</summary>
internal sealed class IndexedReader(CheckpointFile file, CheckpointIndex index, IReadOnlyList<CheckpointFile> shards)
    : CheckpointReader(file, index)
{
    private readonly CheckpointFile _file = file;

    public IndexedReader(CheckpointFile file, CheckpointIndex index)
        : this(file, index, [])
    {
    }

    internal override long DataLength => _file.Length + shards.Sum(shard => shard.Length);

    private protected override void Close()
    {
        _file.Dispose();
        foreach (var shard in shards)
            shard.Dispose();
    }
}
