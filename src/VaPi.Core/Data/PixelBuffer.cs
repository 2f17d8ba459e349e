using System.Buffers;

namespace VaPi.Data;

/// <summary>
/// An image as bytes, four a pixel: red, green, blue and one that is ignored, which keeps a pixel's channels in one
/// vector register. Rows follow each other without gaps. The memory is borrowed from a pool until it is disposed.
/// </summary>
internal sealed class PixelBuffer : IDisposable
{
    public const int BytesPerPixel = 4;

    private byte[]? _bytes;

    /// <summary>An image whose pixels are not set yet.</summary>
    public PixelBuffer(int width, int height)
    {
        Width = width;
        Height = height;
        _bytes = ArrayPool<byte>.Shared.Rent(checked(width * height * BytesPerPixel));
    }

    public int Width { get; }

    public int Height { get; }

    public Span<byte> Bytes => Buffer.AsSpan(0, Width * Height * BytesPerPixel);

    /// <summary>The memory itself, for native code; it may be longer than the image.</summary>
    public byte[] Buffer => _bytes ?? throw new ObjectDisposedException(nameof(PixelBuffer));

    public Span<byte> Row(int y) => Buffer.AsSpan(y * Width * BytesPerPixel, Width * BytesPerPixel);

    /// <summary>A copy of a window that lies inside the image.</summary>
    public PixelBuffer Crop(int left, int top, int width, int height)
    {
        var crop = new PixelBuffer(width, height);
        for (int y = 0; y < height; y++)
            Row(top + y).Slice(left * BytesPerPixel, width * BytesPerPixel).CopyTo(crop.Row(y));
        return crop;
    }

    public void Dispose()
    {
        byte[]? bytes = Interlocked.Exchange(ref _bytes, null);
        if (bytes is not null)
            ArrayPool<byte>.Shared.Return(bytes);
    }
}
