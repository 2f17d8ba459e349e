namespace VaPi.Models.LlamaGen.Costs;

/// <summary>One thing that takes memory.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Arithmetic">How its size comes about, with the numbers in it.</param>
/// <param name="Bytes">Its size; 0 or above.</param>
public sealed record MemoryItem(string Name, string Arithmetic, long Bytes);
