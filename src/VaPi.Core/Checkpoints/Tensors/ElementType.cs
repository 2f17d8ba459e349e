using static TorchSharp.torch;

namespace VaPi.Checkpoints.Tensors;

/// <summary>The element types that checkpoints may hold, under each format's name for them.</summary>
internal static class ElementType
{
    private static readonly (ScalarType Type, int Size, string Safetensors, string Torch)[] All =
    [
        (ScalarType.Float64, 8, "F64", "DoubleStorage"),
        (ScalarType.Float32, 4, "F32", "FloatStorage"),
        (ScalarType.Float16, 2, "F16", "HalfStorage"),
        (ScalarType.BFloat16, 2, "BF16", "BFloat16Storage"),
        (ScalarType.Int64, 8, "I64", "LongStorage"),
        (ScalarType.Int32, 4, "I32", "IntStorage"),
        (ScalarType.Int16, 2, "I16", "ShortStorage"),
        (ScalarType.Int8, 1, "I8", "CharStorage"),
        (ScalarType.Byte, 1, "U8", "ByteStorage"),
        (ScalarType.Bool, 1, "BOOL", "BoolStorage"),
    ];

    public static string SafetensorsNames { get; } = string.Join(", ", All.Select(type => type.Safetensors));

    /// <summary>In bytes; 0 for a type that checkpoints do not hold.</summary>
    public static int SizeOf(ScalarType type) => Find(type).Size;

    public static bool IsFloating(ScalarType type) =>
        type is ScalarType.Float64 or ScalarType.Float32 or ScalarType.Float16 or ScalarType.BFloat16;

    public static string ToSafetensors(ScalarType type) => Find(type).Safetensors;

    /// <summary>The name of the class of a storage of such elements.</summary>
    public static string ToTorchStorage(ScalarType type) => Find(type).Torch;

    public static ScalarType? FromSafetensors(string name)
    {
        foreach (var known in All)
        {
            if (known.Safetensors == name)
                return known.Type;
        }

        return null;
    }

    /// <summary>Torch's storage classes, by class name. Untyped storages count bytes.</summary>
    public static IEnumerable<(string Name, ScalarType Type)> TorchStorages =>
        All.Select(type => (type.Torch, type.Type)).Append(("UntypedStorage", ScalarType.Byte));

    private static (ScalarType Type, int Size, string Safetensors, string Torch) Find(ScalarType type)
    {
        foreach (var known in All)
        {
            if (known.Type == type)
                return known;
        }

        return default;
    }
}
