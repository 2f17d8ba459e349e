using System.Buffers.Binary;
using System.Numerics;
using VaPi.Checkpoints.Files;
using VaPi.Checkpoints.Pickle;
using VaPi.Checkpoints.Tensors;

namespace VaPi.Checkpoints.Torch;

/// <summary>
/// Parses the layout before torch 1.6: five pickles (magic number, protocol, system, data, storage keys), then,
/// in the order of the keys, each storage's number of elements (8 bytes) and its data.
/// </summary>
internal static class TorchLegacy
{
    private const long Protocol = 1001;

    private static readonly BigInteger Magic = BigInteger.Parse("119547037146038801333356", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>A pickle of protocol 2 that begins with a long of ten bytes, the magic number.</summary>
    public static ReadOnlySpan<byte> Signature => [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

    public static CheckpointIndex Read(CheckpointFile file)
    {
        using var stream = new FileSectionStream(file, 0, file.Length);
        var budget = new AllocationBudget(file);
        var world = new TorchWorld(file, budget, legacy: true);
        var input = new PickleInput(file, stream);
        var unpickler = new Unpickler(file, input, budget, world);

        if (unpickler.Run() is not BigInteger magic || magic != Magic || unpickler.Run() is not Protocol)
            throw file.Refuse("its first pickles are not those of a torch file", $"torch's magic number and protocol {Protocol}");

        if (unpickler.Run() is not PickleDictionary system || !system.Items.Contains(("little_endian", true)))
            throw file.Refuse("it does not say that it is little-endian", "little-endian data", "Save it again on a little-endian machine");

        var tensors = TorchTree.Flatten(file, unpickler.Run(), budget);
        if (unpickler.Run() is not List<object?> keys)
            throw file.Refuse("its list of storages is missing", "a list of storage keys after the data pickle");

        return TorchIndex.Make(file, tensors, FindStorages(file, keys, world.Storages, input.Position));
    }

    private static Dictionary<string, ByteRange> FindStorages(
        CheckpointFile file, List<object?> keys, IReadOnlyDictionary<string, TorchStorage> storages, long position)
    {
        var data = new Dictionary<string, ByteRange>(StringComparer.Ordinal);
        Span<byte> countBytes = stackalloc byte[sizeof(long)];
        foreach (object? key in keys)
        {
            if (key is not string name || !storages.TryGetValue(name, out var storage) || data.ContainsKey(name))
                throw file.Refuse("its list of storages names one twice, or one that no tensor uses", "each storage of the pickle once");

            file.ReadExactly(position, countBytes);
            position += countBytes.Length;
            long count = BinaryPrimitives.ReadInt64LittleEndian(countBytes);
            Int128 length = (Int128)count * ElementType.SizeOf(storage.Type);
            if (count != storage.Count || length > file.Length - position)
            {
                throw file.Refuse(
                    $"the storage {CheckpointFile.Quote(name)} should have {storage.Count} elements, says {count}, and {file.Length - position} bytes are left",
                    "storages as long as the pickle says, all inside the file");
            }

            data.Add(name, new FileRange(file, position, (long)length));
            position += (long)length;
        }

        return data.Count == storages.Count ? data : throw file.Refuse(
            $"{storages.Count} storages are used and {data.Count} are in the file", "data for every storage");
    }
}
