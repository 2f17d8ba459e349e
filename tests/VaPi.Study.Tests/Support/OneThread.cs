using System.Runtime.CompilerServices;
using Xunit;
using static TorchSharp.torch;

// Networks are trained with torch's own generator, which all threads share.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace VaPi.Study.Tests.Support;

internal static class OneThread
{
    /// <summary>Networks this small lose more by waiting for threads than they gain.</summary>
    [ModuleInitializer]
    public static void Set() => set_num_threads(1);
}
