using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using TorchSharp;
using VaPi.Alignment;
using VaPi.Native;

namespace VaPi.Reporting.Html;

/// <summary>What a program runs on, as far as it bears on numbers and times; nothing that names a machine or a person.</summary>
internal static class EnvironmentText
{
    public static IReadOnlyList<KeyValuePair<string, string>> Now() =>
    [
        new("time", DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture)),
        new("operating system", RuntimeInformation.OSDescription),
        new("processor", $"{Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture)} cores, {RuntimeInformation.ProcessArchitecture}"),
        new(".NET", Environment.Version.ToString()),
        new("VaPi", VersionOf(typeof(AlignmentTrainer))),
        new("TorchSharp", VersionOf(typeof(torch))),
        new("libtorch", LibTorch.InUse?.Version ?? LibTorch.BuiltFor.ToString()),
        new("threads of libtorch", torch.get_num_threads().ToString(CultureInfo.InvariantCulture)),
        new("GPU", torch.cuda.is_available() ? "CUDA is available" : "none"),
    ];

    // Without the commit, which some builds append.
    private static string VersionOf(Type type) =>
        type.Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";
}
