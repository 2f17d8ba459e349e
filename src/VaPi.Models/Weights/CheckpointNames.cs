using VaPi.Checkpoints;

namespace VaPi.Models.Weights;

/// <summary>
/// Finds published names in files that wrap them: under <c>model</c>, <c>module</c> or <c>state_dict</c>, or with the
/// prefix that a training framework left.
/// </summary>
internal sealed class CheckpointNames
{
    private static readonly string[] KnownPrefixes = ["model.", "module.", "state_dict.", "gpt_model."];

    private readonly Dictionary<string, string> _stored = [];

    public CheckpointNames(CheckpointReader checkpoint)
    {
        foreach (TensorEntry entry in checkpoint.Entries)
            _stored.TryAdd(Bare(entry.Name), entry.Name);
    }

    /// <summary>The published names that the file has.</summary>
    public IEnumerable<string> Known => _stored.Keys;

    /// <summary>The name under which the file stores the tensor, or null.</summary>
    public string? Find(string name) => _stored.GetValueOrDefault(name);

    private static string Bare(string name)
    {
        while (KnownPrefixes.FirstOrDefault(prefix => name.StartsWith(prefix, StringComparison.Ordinal)) is { } prefix)
            name = name[prefix.Length..];
        return name;
    }
}
