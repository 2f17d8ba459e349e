using System.IO.Compression;

namespace VaPi.Checkpoints.Files;

/// <summary>Reads deflated data; going back starts over, so readers keep their offsets ascending.</summary>
internal sealed class InflatingReader(CheckpointFile file, long start, long compressedLength, long length) : IByteReader
{
    private DeflateStream? _stream;
    private long _position;

    public void ReadExactly(long offset, Span<byte> destination)
    {
        if (offset < 0 || offset > length - destination.Length)
            throw file.Refuse("a tensor reaches beyond its data", "tensors within their data");

        if (_stream is null || offset < _position)
        {
            _stream?.Dispose();
            _stream = new DeflateStream(new FileSectionStream(file, start, compressedLength), CompressionMode.Decompress);
            _position = 0;
        }

        Span<byte> skipped = stackalloc byte[4096];
        while (_position < offset)
            Fill(_stream, skipped[..(int)Math.Min(skipped.Length, offset - _position)]);

        Fill(_stream, destination);
    }

    public void Dispose() => _stream?.Dispose();

    private void Fill(DeflateStream stream, Span<byte> destination)
    {
        try
        {
            stream.ReadExactly(destination);
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
        {
            throw file.Refuse("a compressed entry does not decompress to its declared size", "entries as their archive declares them", inner: error);
        }

        _position += destination.Length;
    }
}
