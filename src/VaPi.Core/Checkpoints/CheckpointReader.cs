using VaPi.Checkpoints.Files;
using VaPi.Checkpoints.Tensors;
using static TorchSharp.torch;

namespace VaPi.Checkpoints;

/// <summary>Reads the tensors of a checkpoint one by one; opening it reads only their description.</summary>
/// <remarks>
/// Formats, told apart by content: safetensors, a safetensors index file with its shards beside it, torch files in
/// the zip and the older layout, NumPy's <c>.npy</c>, whose one array is called <c>array</c>, and <c>.npz</c>. Torch files are pickles; nothing in them is executed, and one that
/// asks for more than tensors, storages, collections and plain values is refused.
/// </remarks>
public abstract class CheckpointReader : IDisposable
{
    private readonly CheckpointFile _file;
    private readonly CheckpointIndex _index;
    private OpenRows? _lastRows;
    private bool _disposed;

    private protected CheckpointReader(CheckpointFile file, CheckpointIndex index)
    {
        _file = file;
        _index = index;
    }

    /// <summary>The file, as the caller named it.</summary>
    public string Path => _file.Path;

    /// <summary>The tensors, in the order in which the file describes them.</summary>
    public IReadOnlyList<TensorEntry> Entries => _index.Entries;

    /// <summary>The notes in the file: safetensors' <c>__metadata__</c>, or an index file's <c>metadata</c>; otherwise empty.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _index.Metadata;

    /// <summary>The length of everything that tensors are read from, in bytes.</summary>
    internal abstract long DataLength { get; }

    /// <summary>Opens a checkpoint, whatever its format.</summary>
    /// <param name="path">The file; for a sharded checkpoint its <c>.safetensors.index.json</c>.</param>
    /// <returns>A reader that the caller disposes; it keeps the file open until then.</returns>
    /// <exception cref="CheckpointException">The file cannot be opened, is in no known format, is damaged, or asks for something that is not allowed.</exception>
    public static CheckpointReader Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return Open(CheckpointFile.Open(path));
    }

    /// <summary>Takes over a file that is open already.</summary>
    internal static CheckpointReader Open(CheckpointFile file)
    {
        try
        {
            return CheckpointFormat.Read(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Whether the checkpoint holds a tensor of this name.</summary>
    /// <param name="name">A tensor's full name.</param>
    public bool Contains(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _index.Find(name) is not null;
    }

    /// <summary>Reads one tensor, straight into its memory.</summary>
    /// <param name="name">A name out of <see cref="Entries"/>.</param>
    /// <param name="type">The element type wanted; the stored one if null. Conversion streams through a buffer of a few MB.</param>
    /// <returns>
    /// A new row-major tensor on the CPU, of the entry's shape, without gradient. It belongs to the caller (to the
    /// caller's dispose scope, where there is one), and stays valid when the reader is disposed. Tied tensors
    /// come as separate copies.
    /// </returns>
    /// <exception cref="CheckpointException">There is no such tensor, or its data cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">The reader was disposed.</exception>
    public Tensor Read(string name, ScalarType? type = null)
    {
        StoredTensor stored = Find(name);
        return TensorLoader.Load(stored, type ?? stored.Entry.ScalarType);
    }

    /// <summary>Reads some consecutive rows of a tensor's first dimension, for tensors that are larger than memory.</summary>
    /// <remarks>
    /// Of compressed data everything before the rows is read too, unless the rows that were read last are of the same tensor and
    /// come before them.
    /// </remarks>
    /// <param name="name">A name out of <see cref="Entries"/>.</param>
    /// <param name="first">The first row, from 0.</param>
    /// <param name="count">How many rows.</param>
    /// <param name="type">The element type wanted; the stored one if null.</param>
    /// <returns>As from <see cref="Read"/>, with <paramref name="count"/> as its first size.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The tensor has no such rows.</exception>
    /// <exception cref="CheckpointException">There is no such tensor, or its data cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">The reader was disposed.</exception>
    public Tensor ReadRows(string name, long first, long count, ScalarType? type = null)
    {
        StoredTensor stored = Find(name);
        long rows = stored.Entry.Shape.Count > 0 ? stored.Entry.Shape[0] : 0;
        if (first < 0 || first > rows)
            throw new ArgumentOutOfRangeException(nameof(first), first, $"The tensor '{name}' has {rows} rows.");
        if (count < 0 || count > rows - first)
            throw new ArgumentOutOfRangeException(nameof(count), count, $"The tensor '{name}' has {rows - first} rows from row {first} on.");
        return LoadRows(stored, stored with { Layout = stored.Layout.Rows(first, count) }, type ?? stored.Entry.ScalarType);
    }

    /// <summary>Reads a part of a tensor's data as it is stored, if it is stored row by row without compression, as in safetensors.</summary>
    /// <param name="name">A name out of <see cref="Entries"/>.</param>
    /// <param name="offset">Where in the tensor's data, in bytes.</param>
    /// <param name="destination">Filled whole.</param>
    internal void ReadBytes(string name, long offset, Span<byte> destination)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        using IByteReader bytes = _index.Find(name)!.Bytes.Open();
        bytes.ReadExactly(offset, destination);
    }

    /// <summary>Closes the file. Tensors that were read stay valid.</summary>
    public void Dispose()
    {
        if (!_disposed)
        {
            _disposed = true;
            Interlocked.Exchange(ref _lastRows, null)?.Bytes.Dispose();
            Close();
        }

        GC.SuppressFinalize(this);
    }

    private protected abstract void Close();

    // Opened data is taken out while it is used, so that readers on several threads do not share its position.
    private Tensor LoadRows(StoredTensor whole, StoredTensor rows, ScalarType type)
    {
        OpenRows? open = Interlocked.Exchange(ref _lastRows, null);
        if (open is null || !ReferenceEquals(open.Tensor, whole))
        {
            open?.Bytes.Dispose();
            open = new OpenRows(whole, whole.Bytes.Open());
        }

        try
        {
            Tensor loaded = TensorLoader.Load(rows, type, open.Bytes);
            open = Interlocked.Exchange(ref _lastRows, open); // what another thread has left there meanwhile
            return loaded;
        }
        finally
        {
            open?.Bytes.Dispose();
        }
    }

    private StoredTensor Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _index.Find(name) ?? throw _file.Refuse(
            $"it has no tensor named {CheckpointFile.Quote(name)}",
            $"one of its {Entries.Count} tensors{(Entries.Count == 0 ? "" : $", such as {CheckpointFile.Quote(Entries[0].Name)}")}",
            "Check the name, and whether the checkpoint belongs to this model");
    }

    /// <summary>The data that rows were read from last, still open.</summary>
    private sealed record OpenRows(StoredTensor Tensor, IByteReader Bytes);
}
