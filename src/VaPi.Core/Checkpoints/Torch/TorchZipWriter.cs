using System.Globalization;
using System.IO.Compression;
using VaPi.Checkpoints.Files;
using VaPi.Checkpoints.Pickle;
using VaPi.Checkpoints.Tensors;
using static TorchSharp.torch;

namespace VaPi.Checkpoints.Torch;

/// <summary>
/// Writes a state dict as torch.save does: a zip archive of a pickle, which says what there is, and of one uncompressed entry
/// a tensor.
/// </summary>
internal static class TorchZipWriter
{
    private const string Folder = "archive";

    // Readers keep what is above a mark on a stack; a thousand pairs at a time are what Python's own pickler puts there.
    private const int PairsAtATime = 1000;

    // The earliest that a zip archive can hold: the same tensors give the same file, whenever it is written.
    private static readonly DateTimeOffset Written = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static void Write(string path, IReadOnlyList<(string Name, Tensor Tensor, ScalarType Type)> tensors, string? under) =>
        AtomicFile.Write(path, stream =>
        {
            using var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
            void Entry(string name, Action<Stream> write)
            {
                ZipArchiveEntry entry = archive.CreateEntry($"{Folder}/{name}", CompressionLevel.NoCompression);
                entry.LastWriteTime = Written;
                using Stream content = entry.Open();
                write(content);
            }

            Entry("data.pkl", content => content.Write(Pickle(tensors, under)));
            Entry("byteorder", content => content.Write("little"u8));
            for (int index = 0; index < tensors.Count; index++)
                Entry($"data/{Key(index)}", content => TensorsToStore.WriteData(content, tensors[index].Tensor, tensors[index].Type));
            Entry("version", content => content.Write("3\n"u8));
        });

    private static byte[] Pickle(IReadOnlyList<(string Name, Tensor Tensor, ScalarType Type)> tensors, string? under)
    {
        using var pickle = new PickleOutput();
        if (under is not null)
        {
            pickle.EmptyDictionary();
            pickle.Mark();
            pickle.Text(under);
        }

        OrderedDictionary(pickle);
        for (int first = 0; first < tensors.Count; first += PairsAtATime)
        {
            pickle.Mark();
            for (int index = first; index < Math.Min(first + PairsAtATime, tensors.Count); index++)
            {
                pickle.Text(tensors[index].Name);
                RebuiltTensor(pickle, Key(index), tensors[index].Tensor.shape, tensors[index].Type);
            }

            pickle.SetItems();
        }

        if (under is not null)
            pickle.SetItems();
        return pickle.Finish();
    }

    // torch._utils._rebuild_tensor_v2(storage, offset, size, stride, requires_grad, backward_hooks)
    private static void RebuiltTensor(PickleOutput pickle, string key, long[] shape, ScalarType type)
    {
        pickle.Global("torch._utils", "_rebuild_tensor_v2");
        pickle.Mark();
        Storage(pickle, key, shape.Aggregate(1L, (count, size) => count * size), type);
        pickle.Integer(0);
        Integers(pickle, shape);
        Integers(pickle, RowMajorStrides(shape));
        pickle.False();
        OrderedDictionary(pickle);
        pickle.Tuple();
        pickle.Reduce();
    }

    private static void Storage(PickleOutput pickle, string key, long count, ScalarType type)
    {
        pickle.Mark();
        pickle.Text("storage");
        pickle.Global("torch", ElementType.ToTorchStorage(type));
        pickle.Text(key);
        pickle.Text("cpu");
        pickle.Integer(count);
        pickle.Tuple();
        pickle.PersistentId();
    }

    private static void OrderedDictionary(PickleOutput pickle)
    {
        pickle.Global("collections", "OrderedDict");
        pickle.EmptyTuple();
        pickle.Reduce();
    }

    private static void Integers(PickleOutput pickle, long[] values)
    {
        pickle.Mark();
        foreach (long value in values)
            pickle.Integer(value);
        pickle.Tuple();
    }

    private static long[] RowMajorStrides(long[] shape)
    {
        var strides = new long[shape.Length];
        long stride = 1;
        for (int dimension = shape.Length - 1; dimension >= 0; dimension--)
        {
            strides[dimension] = stride;
            stride *= Math.Max(1, shape[dimension]);
        }

        return strides;
    }

    private static string Key(int index) => index.ToString(CultureInfo.InvariantCulture);
}
