using System.Runtime.CompilerServices;
using Xunit;
using static TorchSharp.torch;

// What is measured draws from torch's own generator, which all threads share.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace VaPi.Benchmarks.Tests;

internal static class OneThread
{
    /// <summary>Networks this small lose more by waiting for threads than they gain.</summary>
    [ModuleInitializer]
    public static void Set() => set_num_threads(1);
}
