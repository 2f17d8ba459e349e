using VaPi.Checkpoints.Files;
using VaPi.Checkpoints.Pickle;
using VaPi.Checkpoints.Tensors;
using VaPi.Checkpoints.Zip;

namespace VaPi.Checkpoints.Torch;

/// <summary>Parses the layout of torch 1.6 and later: a zip with <c>data.pkl</c> and <c>data/…</c>, one entry a storage.</summary>
internal static class TorchZip
{
    private const string PickleName = "/data.pkl";

    public static CheckpointIndex Read(CheckpointFile file, ZipDirectory archive, AllocationBudget budget)
    {
        string folder = FindFolder(file, archive);
        CheckByteOrder(file, archive, folder);

        var pickle = archive.Find(folder + PickleName)!;
        if (pickle.Length > CheckpointLimits.PickleBytes)
            throw file.Refuse($"its pickle is {pickle.Length} bytes long", $"at most {CheckpointLimits.PickleBytes >> 20} MB", "Save only the state dict");

        object? root;
        var world = new TorchWorld(file, budget, legacy: false);
        using (var stream = new ByteRangeStream(pickle))
            root = new Unpickler(file, new PickleInput(file, stream), budget, world).Run();

        var tensors = TorchTree.Flatten(file, root, budget);
        var data = new Dictionary<string, ByteRange>(StringComparer.Ordinal);
        foreach (var storage in world.Storages.Values)
            data.Add(storage.Key, FindStorage(file, archive, folder, storage));

        return TorchIndex.Make(file, tensors, data);
    }

    // The folder's name is the name under which the file was first saved: any.
    private static string FindFolder(CheckpointFile file, ZipDirectory archive)
    {
        var folders = archive.Names
            .Where(name => name.EndsWith(PickleName, StringComparison.Ordinal) && name.IndexOf('/') == name.Length - PickleName.Length)
            .Select(name => name[..^PickleName.Length])
            .Take(2)
            .ToArray();
        return folders is [string folder] ? folder : throw file.Refuse(
            folders.Length == 0 ? "it is a zip archive without a data.pkl" : "it is a zip archive with several data.pkl",
            "a torch file: one folder with data.pkl and data/…",
            "Check that this is the checkpoint and not an archive that contains it");
    }

    private static void CheckByteOrder(CheckpointFile file, ZipDirectory archive, string folder)
    {
        var entry = archive.Find(folder + "/byteorder");
        if (entry is null)
            return;

        Span<byte> text = stackalloc byte[6];
        if (entry.Length == text.Length)
        {
            using var reader = entry.Open();
            reader.ReadExactly(0, text);
        }

        if (!text.SequenceEqual("little"u8))
            throw file.Refuse("its byte order is not 'little'", "little-endian data", "Save it again on a little-endian machine");
    }

    private static ZipEntryRange FindStorage(CheckpointFile file, ZipDirectory archive, string folder, TorchStorage storage)
    {
        var entry = archive.Find($"{folder}/data/{storage.Key}") ?? throw file.Refuse(
            $"the data of storage {CheckpointFile.Quote(storage.Key)} is not in the archive", "an entry data/<key> for each storage");
        Int128 due = (Int128)storage.Count * ElementType.SizeOf(storage.Type);
        return entry.Length == due ? entry : throw file.Refuse(
            $"the storage {CheckpointFile.Quote(storage.Key)} should have {due} bytes and has {entry.Length}", "storages as long as the pickle says");
    }
}
