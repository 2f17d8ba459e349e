using static TorchSharp.torch;

namespace VaPi.Checkpoints;

/// <summary>One tensor of a checkpoint, as its file describes it; nothing of its data has been read.</summary>
/// <param name="Name">The tensor's name; for torch files the dictionary keys that lead to it, joined by '.'.</param>
/// <param name="ScalarType">The element type that is stored.</param>
/// <param name="Shape">The sizes, outermost first; empty for a scalar.</param>
public sealed record TensorEntry(string Name, ScalarType ScalarType, IReadOnlyList<long> Shape);
