using TorchSharp;
using VaPi.Checkpoints;
using static TorchSharp.torch;

namespace VaPi.Shared;

/// <summary>Reads the tensors of a frozen network, or says of all of them what is wrong.</summary>
internal static class FrozenNetwork
{
    private const int ProblemsListed = 20;

    /// <param name="path">The checkpoint.</param>
    /// <param name="needed">The published name and shape of every tensor.</param>
    /// <param name="remedy">What file to give instead, without a final full stop.</param>
    /// <param name="device">Where the tensors go.</param>
    /// <param name="folders">The dictionaries, each with its final dot, under which the names may lie too.</param>
    /// <returns>By published name, float32; they belong to the caller and to no dispose scope.</returns>
    /// <exception cref="CheckpointException">The file cannot be read, or tensors are missing or misshapen; the message names them.</exception>
    public static Dictionary<string, Tensor> Read(
        string path, IReadOnlyList<(string Name, long[] Shape)> needed, string remedy, Device device, params IEnumerable<string> folders)
    {
        using CheckpointReader file = CheckpointReader.Open(path);
        return Read(file, needed, remedy, device, folders);
    }

    /// <summary>The same of a checkpoint that is open already, and stays open.</summary>
    /// <exception cref="CheckpointException">Tensors are missing or misshapen; the message names them.</exception>
    public static Dictionary<string, Tensor> Read(
        CheckpointReader file, IReadOnlyList<(string Name, long[] Shape)> needed, string remedy, Device device, params IEnumerable<string> folders)
    {
        string folder = folders.Prepend("").MaxBy(candidate => needed.Count(tensor => file.Contains(candidate + tensor.Name)))!;
        Dictionary<string, IReadOnlyList<long>> stored = file.Entries.ToDictionary(entry => entry.Name, entry => entry.Shape);
        List<string> problems = [.. needed.Select(tensor => Problem(folder + tensor.Name, tensor.Shape, stored)).OfType<string>()];
        if (problems.Count > 0)
        {
            string rest = problems.Count > ProblemsListed ? $"; and {problems.Count - ProblemsListed} more" : "";
            throw new CheckpointException(
                file.Path, $"{string.Join("; ", problems.Take(ProblemsListed))}{rest}", "every tensor of the network, in its shape", remedy);
        }

        var tensors = new Dictionary<string, Tensor>();
        try
        {
            foreach ((string name, _) in needed)
            {
                using DisposeScope scope = NewDisposeScope();
                tensors.Add(name, file.Read(folder + name, ScalarType.Float32).to(device).DetachFromDisposeScope());
            }
        }
        catch
        {
            foreach (Tensor tensor in tensors.Values)
                tensor.Dispose();
            throw;
        }

        return tensors;
    }

    private static string? Problem(string name, long[] shape, Dictionary<string, IReadOnlyList<long>> stored) =>
        !stored.TryGetValue(name, out IReadOnlyList<long>? found) ? $"'{name}' ({string.Join(", ", shape)}) is missing"
        : !found.SequenceEqual(shape) ? $"'{name}' is ({string.Join(", ", found)}) where ({string.Join(", ", shape)}) is needed"
        : null;
}
