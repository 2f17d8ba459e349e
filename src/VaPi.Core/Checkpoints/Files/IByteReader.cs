namespace VaPi.Checkpoints.Files;

/// <summary>Reads from one <see cref="ByteRange"/>, fastest when offsets ascend.</summary>
internal interface IByteReader : IDisposable
{
    void ReadExactly(long offset, Span<byte> destination);
}
