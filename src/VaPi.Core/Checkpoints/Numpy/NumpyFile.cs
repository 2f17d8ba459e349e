using System.Buffers.Binary;
using VaPi.Checkpoints.Files;
using VaPi.Checkpoints.Tensors;
using static TorchSharp.torch;

namespace VaPi.Checkpoints.Numpy;

/// <summary>
/// Parses NumPy's array file (<c>.npy</c>, versions 1 to 3): a signature, the version, the header's length, a Python dictionary
/// as text, then the elements. It becomes an index of one tensor.
/// </summary>
internal static class NumpyFile
{
    /// <summary>What the array is called; the format has no names.</summary>
    public const string TensorName = "array";

    // NumPy itself reads no longer ones unless it is told to.
    private const int LongestHeader = 10_000;

    private static readonly (string Name, ScalarType Type)[] Types =
    [
        ("<f8", ScalarType.Float64), ("<f4", ScalarType.Float32), ("<f2", ScalarType.Float16),
        ("<i8", ScalarType.Int64), ("<i4", ScalarType.Int32), ("<i2", ScalarType.Int16),
        ("|i1", ScalarType.Int8), ("|u1", ScalarType.Byte), ("|b1", ScalarType.Bool),
    ];

    public static ReadOnlySpan<byte> Signature => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    public static CheckpointIndex Read(CheckpointFile file)
    {
        var index = new CheckpointIndex(file);
        index.Add(Read(file, TensorName, new FileRange(file, 0, file.Length)));
        return index;
    }

    /// <summary>Parses an array that is a file of its own or the member of an archive.</summary>
    /// <param name="file">The file, for messages.</param>
    /// <param name="name">What the tensor is to be called.</param>
    /// <param name="range">The whole array file.</param>
    public static StoredTensor Read(CheckpointFile file, string name, ByteRange range)
    {
        using IByteReader bytes = range.Open();
        NumpyHeader header = ReadHeader(file, bytes, range.Length, out long dataStart);
        if (header.FortranOrder)
            throw file.Refuse("its array is stored column by column (fortran_order is True)", "row-major arrays", "Save numpy.ascontiguousarray(array) instead");
        ScalarType type = TypeOf(file, header.Description);
        TensorLayout layout = TensorLayout.Contiguous(file, header.Shape);

        // The count is at most 2^59, so its product with an element's size cannot overflow.
        long due = layout.Count * ElementType.SizeOf(type);
        if (due != range.Length - dataStart)
        {
            throw file.Refuse(
                $"its array of shape ({TensorLayout.Show(header.Shape)}) takes {due} bytes, and {range.Length - dataStart} follow the header", "as many bytes as the shape needs");
        }

        return new StoredTensor(new TensorEntry(name, type, header.Shape), new PartRange(range, dataStart, due), layout);
    }

    private static NumpyHeader ReadHeader(CheckpointFile file, IByteReader bytes, long fileLength, out long dataStart)
    {
        Span<byte> start = stackalloc byte[Signature.Length + 2];
        if (fileLength < start.Length)
            throw file.Refuse($"it ends at byte {fileLength} where more data is due", "a complete array file");
        bytes.ReadExactly(0, start);
        if (!start.StartsWith(Signature))
            throw file.Refuse($"an array of it begins with the bytes {Convert.ToHexString(start)}", "arrays in NumPy's format");
        (byte major, byte minor) = (start[^2], start[^1]);
        if (major is < 1 or > 3 || minor != 0)
            throw file.Refuse($"it is of version {major}.{minor} of the format", "versions 1.0, 2.0 and 3.0", "Save it with another version of NumPy");

        Span<byte> lengthBytes = stackalloc byte[4];
        lengthBytes.Clear();
        int lengthSize = major == 1 ? 2 : 4;
        if (fileLength < start.Length + lengthSize)
            throw file.Refuse($"it ends at byte {fileLength} where more data is due", "a complete array file");
        bytes.ReadExactly(start.Length, lengthBytes[..lengthSize]);
        long length = BinaryPrimitives.ReadUInt32LittleEndian(lengthBytes);
        dataStart = start.Length + lengthSize + length;
        if (length > LongestHeader || dataStart > fileLength)
            throw file.Refuse($"its header claims {length} bytes", $"at most {LongestHeader} bytes, and no more than the file has");

        byte[] text = new byte[length];
        bytes.ReadExactly(dataStart - length, text);
        return NumpyHeader.Parse(file, text);
    }

    private static ScalarType TypeOf(CheckpointFile file, string description)
    {
        foreach ((string name, ScalarType type) in Types)
        {
            if (name == description)
                return type;
        }

        throw file.Refuse(
            $"its elements are of type {CheckpointFile.Quote(description)}",
            $"{string.Join(", ", Types.Select(type => type.Name))} (numbers, with the lowest byte first)",
            "Convert the array with astype, for example to numpy.float32, and save it again");
    }
}
