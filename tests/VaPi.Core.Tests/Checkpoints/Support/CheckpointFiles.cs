using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace VaPi.Tests.Checkpoints.Support;

/// <summary>Whole files out of their parts.</summary>
public static class CheckpointFiles
{
    public static string Golden(string name) => Path.Combine(AppContext.BaseDirectory, "Golden", "recipe", name);

    public static byte[] Floats(int count, float first = 0) =>
        MemoryMarshal.AsBytes(Enumerable.Range(0, count).Select(i => first + i).ToArray().AsSpan()).ToArray();

    /// <summary>A torch zip with one pickle and its storages.</summary>
    public static byte[] Zip(PickleBuilder pickle, params (string Key, byte[] Data)[] storages) => ZipParts(pickle, storages).End();

    public static ZipBuilder ZipParts(PickleBuilder pickle, params (string Key, byte[] Data)[] storages)
    {
        var zip = new ZipBuilder().Entry("any name/data.pkl", pickle.End());
        foreach (var (key, data) in storages)
            zip.Entry($"any name/data/{key}", data);

        return zip.Entry("any name/version", "3\n"u8.ToArray());
    }

    /// <summary>A torch legacy file; storages hold 4-byte elements.</summary>
    public static byte[] Legacy(PickleBuilder pickle, params (string Key, byte[] Data)[] storages)
    {
        using var file = new MemoryStream();
        file.Write(new PickleBuilder().Raw(0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19).End());
        file.Write(new PickleBuilder().Number(1001).End());
        file.Write(new PickleBuilder().Ops("}(").Text("protocol_version").Number(1001).Text("little_endian").Raw(0x88).Ops("u").End());
        file.Write(pickle.End());
        var keys = new PickleBuilder().Ops("](");
        foreach (var (key, _) in storages)
            keys.Text(key);

        file.Write(keys.Ops("e").End());
        foreach (var (_, data) in storages)
        {
            file.Write(BitConverter.GetBytes(data.Length / 4L));
            file.Write(data);
        }

        return file.ToArray();
    }

    public static byte[] Safetensors(string header, int dataLength = 0, ulong? headerLength = null)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var file = new byte[8 + json.Length + dataLength];
        BinaryPrimitives.WriteUInt64LittleEndian(file, headerLength ?? (ulong)json.Length);
        json.CopyTo(file, 8);
        return file;
    }
}
