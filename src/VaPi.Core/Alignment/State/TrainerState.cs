using System.Globalization;
using VaPi.Checkpoints;
using static TorchSharp.torch;

namespace VaPi.Alignment.State;

/// <summary>
/// Everything random and everything learned in a run: parameters, optimiser moments, generators, the position in the data, and
/// which images were found to be unreadable.
/// A trainer built with the same parts and options that restores it goes on bit for bit as if it had never stopped. Owns its
/// tensors, which are copies.
/// </summary>
public sealed class TrainerState : IDisposable
{
    /// <summary>What the names of the policy's parameters begin with.</summary>
    internal const string PolicyPrefix = "policy.";

    /// <summary>What the names of their values in float32 begin with, where there are any.</summary>
    internal const string MasterPrefix = "optimiser.master.";

    private const string Format = "vapi-trainer-state";
    private const string FormatVersion = "2";

    internal TrainerState(
        IReadOnlyDictionary<string, Tensor> tensors, long step, long updates, long epoch, long position)
    {
        Tensors = tensors;
        Step = step;
        Updates = updates;
        Epoch = epoch;
        Position = position;
    }

    /// <summary>The rollouts made so far.</summary>
    public long Step { get; }

    /// <summary>The optimiser updates made so far.</summary>
    public long Updates { get; }

    /// <summary>The epoch of the data.</summary>
    public long Epoch { get; }

    /// <summary>The images of this epoch already drawn.</summary>
    public long Position { get; }

    internal IReadOnlyDictionary<string, Tensor> Tensors { get; }

    /// <summary>The tensors that are made of gradients, all of which are finite in a policy that is not ruined.</summary>
    internal IEnumerable<KeyValuePair<string, Tensor>> Learned => Tensors.Where(tensor =>
        tensor.Key.StartsWith(PolicyPrefix, StringComparison.Ordinal) || tensor.Key.StartsWith("optimiser.", StringComparison.Ordinal) || tensor.Key.StartsWith("stopping.best.", StringComparison.Ordinal));

    /// <summary>Reads a saved state.</summary>
    /// <param name="path">A file written by <see cref="Save"/>.</param>
    /// <returns>Belongs to the caller.</returns>
    /// <exception cref="CheckpointException">The file cannot be read or is no trainer state.</exception>
    public static TrainerState Load(string path) => Load(path, []);

    /// <summary>Reads a state that was saved without weights.</summary>
    /// <param name="path">A file written by <see cref="SaveWithoutWeights"/>.</param>
    /// <param name="weights">Become the state's.</param>
    /// <returns>Belongs to the caller.</returns>
    /// <exception cref="CheckpointException">The file cannot be read or is no trainer state.</exception>
    internal static TrainerState Load(string path, IEnumerable<KeyValuePair<string, Tensor>> weights)
    {
        using CheckpointReader reader = CheckpointReader.Open(path);
        long Number(string key) => reader.Metadata.TryGetValue(key, out string? text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw new CheckpointException(path, $"its '{key}' is '{text ?? "missing"}'", "a whole number", "Give a file that TrainerState.Save wrote");
        if (reader.Metadata.GetValueOrDefault("format") != Format || reader.Metadata.GetValueOrDefault("version") != FormatVersion)
        {
            throw new CheckpointException(
                path,
                $"it is marked as format '{reader.Metadata.GetValueOrDefault("format", "none")}' version '{reader.Metadata.GetValueOrDefault("version", "none")}'",
                $"'{Format}' version '{FormatVersion}'",
                "Give a file that TrainerState.Save wrote");
        }

        (long step, long updates, long epoch, long position) = (Number("step"), Number("updates"), Number("epoch"), Number("position"));
        var tensors = new Dictionary<string, Tensor>(Checkpoint.Load(path), StringComparer.Ordinal);
        foreach ((string name, Tensor weight) in weights)
        {
            if (tensors.Remove(name, out Tensor? other))
                other.Dispose(); // a weight that is not to be there
            tensors.Add(name, weight);
        }

        return new TrainerState(tensors, step, updates, epoch, position);
    }

    /// <summary>Writes the state as a safetensors file, replaced as a whole.</summary>
    /// <param name="path">Where to.</param>
    public void Save(string path) => Write(path, Tensors);

    /// <summary>Writes all but the policy's parameters and their values in float32.</summary>
    internal void SaveWithoutWeights(string path) => Write(path, Tensors.Where(tensor =>
        !tensor.Key.StartsWith(PolicyPrefix, StringComparison.Ordinal) && !tensor.Key.StartsWith(MasterPrefix, StringComparison.Ordinal)));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in Tensors.Values)
            tensor.Dispose();
    }

    private void Write(string path, IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
        var metadata = new Dictionary<string, string>
        {
            ["format"] = Format,
            ["version"] = FormatVersion,
            ["step"] = Text(Step),
            ["updates"] = Text(Updates),
            ["epoch"] = Text(Epoch),
            ["position"] = Text(Position),
        };
        Checkpoint.Save(path, tensors, metadata);
    }
}
