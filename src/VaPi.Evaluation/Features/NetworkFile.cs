using TorchSharp;
using VaPi.Checkpoints;
using static TorchSharp.torch;

namespace VaPi.Evaluation.Features;

/// <summary>Reads the tensors of a frozen network, or says of all of them what is wrong.</summary>
internal static class NetworkFile
{
    private const int ProblemsListed = 20;

    /// <param name="file">The opened checkpoint.</param>
    /// <param name="needed">The name and shape of every tensor.</param>
    /// <param name="remedy">What file to give instead, without a final full stop.</param>
    /// <param name="device">Where the tensors go.</param>
    /// <returns>By name, float32; they belong to the caller and to no dispose scope.</returns>
    /// <exception cref="CheckpointException">Tensors are missing or misshapen; the message names them.</exception>
    public static Dictionary<string, Tensor> Read(CheckpointReader file, IReadOnlyList<(string Name, long[] Shape)> needed, string remedy, Device device)
    {
        Dictionary<string, IReadOnlyList<long>> stored = file.Entries.ToDictionary(entry => entry.Name, entry => entry.Shape);
        List<string> problems = [.. needed.Select(tensor => Problem(tensor.Name, tensor.Shape, stored)).OfType<string>()];
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
                tensors.Add(name, file.Read(name, ScalarType.Float32).to(device).DetachFromDisposeScope());
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
