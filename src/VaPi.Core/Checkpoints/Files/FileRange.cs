namespace VaPi.Checkpoints.Files;

/// <summary>Data that lies in the file as it is.</summary>
internal sealed class FileRange(CheckpointFile file, long start, long length) : ByteRange(length), IByteReader
{
    public override IByteReader Open() => this;

    public void ReadExactly(long offset, Span<byte> destination)
    {
        if (offset < 0 || offset > Length - destination.Length)
            throw file.Refuse("a tensor reaches beyond its data", "tensors within their data");

        file.ReadExactly(start + offset, destination);
    }

    // Nothing is held: the file belongs to the checkpoint's reader.
    public void Dispose()
    {
    }
}
