using System.Buffers.Binary;
using TorchSharp;
using VaPi.Checkpoints;
using VaPi.Fuzz.Cases;
using static TorchSharp.torch;

namespace VaPi.Fuzz.Readers;

/// <summary>Safetensors files, of a header and the data.</summary>
internal static class SafetensorsSamples
{
    public static Sample Few() => Of("few.safetensors", Saved(path =>
    {
        using DisposeScope scope = NewDisposeScope();
        Checkpoint.Save(
            path,
            [
                new("layer.weight", arange(12, ScalarType.Float32).view(3, 4)), new("layer.bias", ones(3, ScalarType.BFloat16)), new("mask", ones(5, ScalarType.Bool)),
                new("steps", tensor(7L)), new("none", zeros(0, 4)),
            ],
            new Dictionary<string, string> { ["made by"] = "a test", ["version"] = "1" });
    }));

    /// <summary>A sample of a file that is one already.</summary>
    public static Sample Of(string name, byte[] file)
    {
        int header = (int)BinaryPrimitives.ReadInt64LittleEndian(file);
        return Sample.Of(name, [file[8..(8 + header)], file[(8 + header)..]], parts => Packed(parts[0], parts[1]));
    }

    public static byte[] Packed(byte[] header, byte[] data)
    {
        byte[] length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        return [.. length, .. header, .. data];
    }

    /// <summary>What is written to a path.</summary>
    public static byte[] Saved(Action<string> write, string extension = ".safetensors")
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}{extension}");
        try
        {
            write(path);
            return File.ReadAllBytes(path);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
