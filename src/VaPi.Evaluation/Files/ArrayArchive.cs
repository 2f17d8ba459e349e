using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Evaluation.Files;

/// <summary>Writes NumPy's <c>.npz</c>: a zip file with one array a member. It takes its place whole, once complete, or not at all.</summary>
internal sealed class ArrayArchive : IDisposable
{
    private const int HeaderAlignment = 64;

    private readonly string _path;
    private readonly string _temporary;
    private ZipArchive? _archive;

    /// <exception cref="IOException">The file cannot be written.</exception>
    public ArrayArchive(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _path = path;
        _temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        _archive = new ZipArchive(new FileStream(_temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None), ZipArchiveMode.Create);
    }

    /// <param name="name">The array's name.</param>
    /// <param name="values">Float64, of any shape. Stays the caller's.</param>
    public void Add(string name, Tensor values)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor rows = values.cpu().contiguous();
        Add(name, "<f8", rows.shape, stream => stream.Write(MemoryMarshal.AsBytes(rows.data<double>().ToArray().AsSpan())));
    }

    /// <param name="name">The array's name.</param>
    /// <param name="type">NumPy's name of the element type, such as <c>|u1</c>.</param>
    /// <param name="shape">The sizes, outermost first.</param>
    /// <param name="write">Writes the elements, row-major, lowest byte first.</param>
    public void Add(string name, string type, IReadOnlyList<long> shape, Action<Stream> write)
    {
        ObjectDisposedException.ThrowIf(_archive is null, this);
        using Stream stream = _archive.CreateEntry($"{name}.npy", CompressionLevel.NoCompression).Open();
        stream.Write(Header(type, shape));
        write(stream);
    }

    /// <summary>Puts the file in its place. Without it nothing stays.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Commit()
    {
        ObjectDisposedException.ThrowIf(_archive is null, this);
        _archive.Dispose();
        _archive = null;
        File.Move(_temporary, _path, overwrite: true);
    }

    public void Dispose()
    {
        _archive?.Dispose();
        _archive = null;
        File.Delete(_temporary);
    }

    // The signature, the version, the header's length, and a dictionary as text, filled up with spaces.
    private static byte[] Header(string type, IReadOnlyList<long> shape)
    {
        string sizes = string.Concat(shape.Select(size => size.ToString(CultureInfo.InvariantCulture) + ", ")).TrimEnd();
        string text = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({sizes}), }}";
        ReadOnlySpan<byte> start = [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0];
        int before = start.Length + sizeof(ushort);
        int length = (before + text.Length + 1 + HeaderAlignment - 1) / HeaderAlignment * HeaderAlignment;
        var header = new byte[length];
        start.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(start.Length), (ushort)(length - before));
        Encoding.ASCII.GetBytes(text.PadRight(length - before - 1) + "\n").CopyTo(header, before);
        return header;
    }
}
