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
        NumpyHeader header = ReadHeader(file, out long dataStart);
        if (header.FortranOrder)
            throw file.Refuse("its array is stored column by column (fortran_order is True)", "row-major arrays", "Save numpy.ascontiguousarray(array) instead");
        ScalarType type = TypeOf(file, header.Description);
        TensorLayout layout = TensorLayout.Contiguous(file, header.Shape);

        // The count is at most 2^59, so its product with an element's size cannot overflow.
        long due = layout.Count * ElementType.SizeOf(type);
        if (due != file.Length - dataStart)
        {
            throw file.Refuse(
                $"its array of shape ({TensorLayout.Show(header.Shape)}) takes {due} bytes, and {file.Length - dataStart} follow the header", "as many bytes as the shape needs");
        }

        var index = new CheckpointIndex(file);
        index.Add(new StoredTensor(new TensorEntry(TensorName, type, header.Shape), new FileRange(file, dataStart, due), layout));
        return index;
    }

    private static NumpyHeader ReadHeader(CheckpointFile file, out long dataStart)
    {
        Span<byte> start = stackalloc byte[Signature.Length + 2];
        file.ReadExactly(0, start);
        (byte major, byte minor) = (start[^2], start[^1]);
        if (major is < 1 or > 3 || minor != 0)
            throw file.Refuse($"it is of version {major}.{minor} of the format", "versions 1.0, 2.0 and 3.0", "Save it with another version of NumPy");

        Span<byte> lengthBytes = stackalloc byte[4];
        lengthBytes.Clear();
        int lengthSize = major == 1 ? 2 : 4;
        file.ReadExactly(start.Length, lengthBytes[..lengthSize]);
        long length = BinaryPrimitives.ReadUInt32LittleEndian(lengthBytes);
        dataStart = start.Length + lengthSize + length;
        if (length > LongestHeader || dataStart > file.Length)
            throw file.Refuse($"its header claims {length} bytes", $"at most {LongestHeader} bytes, and no more than the file has");

        byte[] text = new byte[length];
        file.ReadExactly(dataStart - length, text);
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
