namespace VaPi.Checkpoints.Files;

/// <summary>A <see cref="ByteRange"/> as a forward-only stream.</summary>
internal sealed class ByteRangeStream(ByteRange range) : Stream
{
    private readonly IByteReader _reader = range.Open();
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => range.Length;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        int read = (int)Math.Min(buffer.Length, range.Length - _position);
        if (read > 0)
            _reader.ReadExactly(_position, buffer[..read]);

        _position += read;
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _reader.Dispose();

        base.Dispose(disposing);
    }
}
