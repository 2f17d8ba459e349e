using static TorchSharp.torch;

namespace VaPi.Checkpoints.Torch;

/// <summary>A storage as the pickle describes it.</summary>
/// <param name="Key">Its name in the file.</param>
/// <param name="Type">The type of its elements.</param>
/// <param name="Count">The number of its elements.</param>
internal sealed record TorchStorage(string Key, ScalarType Type, long Count);
