namespace VaPi.Checkpoints.Files;

/// <summary>
/// Bounds on what a file may make a reader do before any tensor is read: far above what real checkpoints need,
/// and low enough that a hostile one is refused within a second and 64 MB.
/// </summary>
internal static class CheckpointLimits
{
    /// <summary>A JSON header or index, in bytes.</summary>
    public const int JsonBytes = 32 << 20;

    /// <summary>A zip file's central directory, in bytes.</summary>
    public const int DirectoryBytes = 16 << 20;

    /// <summary>One pickle, in bytes.</summary>
    public const long PickleBytes = 32 << 20;

    /// <summary>Operations in one pickle.</summary>
    public const int PickleOperations = 3_000_000;

    /// <summary>Values waiting on the unpickler's stack; Python writes collections in batches of 1000.</summary>
    public const int PickleStack = 100_000;

    /// <summary>Longer strings cannot be names; they are skipped, not kept.</summary>
    public const int StringBytes = 1 << 16;

    /// <summary>Memory for everything that describes the tensors, in bytes.</summary>
    public const long DescriptionBytes = 24 << 20;

    /// <summary>Tensors in one checkpoint.</summary>
    public const int Tensors = 100_000;

    /// <summary>Files of one sharded checkpoint.</summary>
    public const int Shards = 1024;

    /// <summary>Dictionaries and lists inside each other.</summary>
    public const int Nesting = 64;

    /// <summary>Values looked at while the nested dictionaries are flattened.</summary>
    public const int Visits = 1_000_000;

    /// <summary>Dimensions of one tensor.</summary>
    public const int Dimensions = 64;

    /// <summary>A deflated entry may declare this much plus <see cref="InflationRatio"/> times its compressed size.</summary>
    public const long InflationFloor = 1 << 20;

    /// <summary>Weights hardly compress; a larger ratio is a bomb.</summary>
    public const long InflationRatio = 32;

    /// <summary>Tied tensors are read once a name; loading a whole file may take this many times its length.</summary>
    public const long LoadRatio = 64;
}
