namespace VaPi.Fuzz.Running;

/// <summary>What a case may take.</summary>
internal static class CaseLimits
{
    /// <summary>How long a case may take, in milliseconds.</summary>
    public const int Milliseconds = 10_000;

    /// <summary>The longest message, in characters.</summary>
    public const int MessageLength = 6000;

    /// <summary>The native memory that the cases of a reader may leave allocated together, in bytes.</summary>
    public const long KeptBytes = 16L << 20;

    private const long FloorBytes = 128L << 20;
    private const long Ratio = 64;

    /// <summary>
    /// The memory that a case may take, managed and resident each, in bytes: what describes a file is bounded by itself, and its
    /// tensors by a multiple of the file.
    /// </summary>
    public static long Bytes(long fileLength) => FloorBytes + (Ratio * fileLength);
}
