using System.Globalization;
using VaPi.Checkpoints;
using static TorchSharp.torch;

namespace VaPi.Alignment.State;

/// <summary>
/// Everything random and everything learned in a run: parameters, optimiser moments, generators, the position in the data.
/// A trainer built with the same parts and options that restores it goes on bit for bit as if it had never stopped. Owns its
/// tensors, which are copies.
/// </summary>
public sealed class TrainerState : IDisposable
{
    private const string Format = "vapi-trainer-state";
    private const string FormatVersion = "1";

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

    /// <summary>Reads a saved state.</summary>
    /// <param name="path">A file written by <see cref="Save"/>.</param>
    /// <returns>Belongs to the caller.</returns>
    /// <exception cref="CheckpointException">The file cannot be read or is no trainer state.</exception>
    public static TrainerState Load(string path)
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
        return new TrainerState(Checkpoint.Load(path), step, updates, epoch, position);
    }

    /// <summary>Writes the state as a safetensors file, replaced as a whole.</summary>
    /// <param name="path">Where to.</param>
    public void Save(string path)
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
        Checkpoint.Save(path, Tensors, metadata);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in Tensors.Values)
            tensor.Dispose();
    }
}
