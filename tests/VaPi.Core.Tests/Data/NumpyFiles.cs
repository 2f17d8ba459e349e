using System.Buffers.Binary;
using System.Text;

namespace VaPi.Tests.Data;

/// <summary>NumPy's array files, as NumPy writes them and as it does not.</summary>
internal static class NumpyFiles
{
    /// <summary>An array as <c>numpy.save</c> writes it.</summary>
    public static byte[] Array(string type, byte[] data, params long[] shape) =>
        WithHeader($"{{'descr': '{type}', 'fortran_order': False, 'shape': ({string.Join(", ", shape)}{(shape.Length == 1 ? "," : "")}), }}", data);

    /// <summary>A float32 array whose element i is first + i.</summary>
    public static byte[] Counting(float first, params long[] shape) =>
        Array("<f4", Bytes(Enumerable.Range(0, (int)shape.Aggregate(1L, (count, size) => count * size)).Select(i => first + i)), shape);

    public static byte[] Bytes(IEnumerable<float> values) => [.. values.SelectMany(BitConverter.GetBytes)];

    /// <summary>A file with any header, padded as NumPy pads it.</summary>
    public static byte[] WithHeader(string header, byte[] data, byte major = 1)
    {
        int lengthBytes = major == 1 ? 2 : 4;
        int unpadded = 8 + lengthBytes + header.Length + 1;
        string padded = header + new string(' ', (64 - (unpadded % 64)) % 64) + "\n";
        byte[] length = new byte[lengthBytes];
        if (major == 1)
            BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)padded.Length);
        else
            BinaryPrimitives.WriteUInt32LittleEndian(length, (uint)padded.Length);
        return [0x93, .. "NUMPY"u8, major, 0, .. length, .. Encoding.UTF8.GetBytes(padded), .. data];
    }
}
