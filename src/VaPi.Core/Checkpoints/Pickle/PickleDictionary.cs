namespace VaPi.Checkpoints.Pickle;

/// <summary>A dict or OrderedDict in insertion order. Keys are not compared: twice-used names are refused later.</summary>
internal sealed class PickleDictionary
{
    public List<(object? Key, object? Value)> Items { get; } = [];
}
