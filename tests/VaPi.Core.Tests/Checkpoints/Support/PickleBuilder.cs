using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace VaPi.Tests.Checkpoints.Support;

/// <summary>Writes pickles operation by operation, honest ones and others.</summary>
public sealed class PickleBuilder
{
    private readonly List<byte> _bytes = [];

    public PickleBuilder(int protocol = 2) => Raw(0x80, (byte)protocol);

    public PickleBuilder Raw(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public PickleBuilder Ops(string codes) => Raw(Encoding.Latin1.GetBytes(codes));

    public PickleBuilder Repeat(int times, Action<PickleBuilder> part)
    {
        for (int i = 0; i < times; i++)
            part(this);

        return this;
    }

    public PickleBuilder Text(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, utf8.Length);
        return Ops("X").Raw(length).Raw(utf8);
    }

    public PickleBuilder OldText(string text) => Ops("U").Raw((byte)text.Length).Ops(text);

    public PickleBuilder Number(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return Raw(0x8a, 8).Raw(bytes);
    }

    public PickleBuilder Number4(char code, int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, value);
        return Ops(code.ToString(CultureInfo.InvariantCulture)).Raw(bytes);
    }

    public PickleBuilder Global(string module, string name) => Ops($"c{module}\n{name}\n");

    public PickleBuilder Numbers(params long[] values)
    {
        Ops("(");
        foreach (long value in values)
            Number(value);

        return Ops("t");
    }

    public PickleBuilder Storage(string key, long count, string type = "FloatStorage", bool legacy = false, bool view = false, string location = "cpu")
    {
        Ops("(").Text("storage").Global("torch", type).Text(key).Text(location).Number(count);
        if (legacy && view)
            Ops("(").Text("other").Number(0).Number(count).Ops("t");
        else if (legacy)
            Ops("N");

        return Ops("tQ");
    }

    public PickleBuilder Tensor(
        string key, long count, long[] shape, long[]? strides = null, long offset = 0, string type = "FloatStorage", bool legacy = false)
    {
        Global("torch._utils", "_rebuild_tensor_v2").Ops("(").Storage(key, count, type, legacy);
        return Number(offset).Numbers(shape).Numbers(strides ?? RowMajor(shape))
            .Raw(0x89).Global("collections", "OrderedDict").Ops(")RtR");
    }

    public static long[] RowMajor(long[] shape)
    {
        var strides = new long[shape.Length];
        for (int d = shape.Length - 1; d >= 0; d--)
            strides[d] = d == shape.Length - 1 ? 1 : strides[d + 1] * shape[d + 1];

        return strides;
    }

    /// <summary>The pickle with its STOP.</summary>
    public byte[] End() => [.. _bytes, (byte)'.'];
}
