namespace VaPi.Native;

/// <summary>How the runtime collects garbage, which TorchSharp's scalars depend on (docs/native-backends.md).</summary>
internal static class GarbageCollector
{
    /// <summary>Whether collections run beside the program.</summary>
    public static bool IsConcurrent { get; } = GC.GetConfigurationVariables().TryGetValue("ConcurrentGC", out object? value) && value is true;
}
