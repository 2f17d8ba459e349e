namespace VaPi.Checkpoints.Files;

/// <summary>A part of other data, such as what follows a header.</summary>
internal sealed class PartRange(ByteRange whole, long start, long length) : ByteRange(length)
{
    public override IByteReader Open() => new Reader(whole.Open(), start);

    private sealed class Reader(IByteReader whole, long start) : IByteReader
    {
        public void ReadExactly(long offset, Span<byte> destination) => whole.ReadExactly(start + offset, destination);

        public void Dispose() => whole.Dispose();
    }
}
