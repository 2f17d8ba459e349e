using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace VaPi.Reporting.TensorBoard;

/// <summary>A message in the wire format of protocol buffers, as far as event files need it.</summary>
internal sealed class ProtoMessage
{
    private enum WireType
    {
        Varint = 0,
        EightBytes = 1,
        Counted = 2,
        FourBytes = 5,
    }

    private readonly ArrayBufferWriter<byte> _bytes = new();

    public ProtoMessage Integer(int field, long value)
    {
        Key(field, WireType.Varint);
        Varint((ulong)value);
        return this;
    }

    public ProtoMessage Double(int field, double value)
    {
        Key(field, WireType.EightBytes);
        Span<byte> bytes = stackalloc byte[sizeof(double)];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        _bytes.Write(bytes);
        return this;
    }

    public ProtoMessage Float(int field, float value)
    {
        Key(field, WireType.FourBytes);
        Span<byte> bytes = stackalloc byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        _bytes.Write(bytes);
        return this;
    }

    public ProtoMessage Bytes(int field, ReadOnlySpan<byte> value)
    {
        Key(field, WireType.Counted);
        Varint((ulong)value.Length);
        _bytes.Write(value);
        return this;
    }

    public ProtoMessage Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    public ProtoMessage Message(int field, ProtoMessage value) => Bytes(field, value.ToArray());

    public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

    private void Key(int field, WireType type) => Varint((ulong)field << 3 | (uint)type);

    private void Varint(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
            _bytes.Write([(byte)(value | 0x80)]);
        _bytes.Write([(byte)value]);
    }
}
