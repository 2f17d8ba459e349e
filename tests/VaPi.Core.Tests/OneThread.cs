using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace VaPi.Tests;

internal static class OneThread
{
    /// <summary>Test classes already run beside each other, and networks this small lose more by waiting for threads than they gain.</summary>
    [ModuleInitializer]
    public static void Set() => set_num_threads(1);
}
