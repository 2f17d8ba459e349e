namespace VaPi.Checkpoints.Files;

/// <summary>Where a run of tensor data lies; reading starts only with <see cref="Open"/>.</summary>
internal abstract class ByteRange(long length)
{
    /// <summary>In bytes, once decompressed.</summary>
    public long Length { get; } = length;

    public abstract IByteReader Open();
}
