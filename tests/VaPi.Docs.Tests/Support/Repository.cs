using System.Reflection;

namespace VaPi.Docs.Tests.Support;

/// <summary>The working copy that the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } =
        typeof(Repository).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == "RepositoryRoot").Value!;

    /// <summary>What a feed shows of each package.</summary>
    public static IReadOnlyList<string> PackageDescriptions =>
    [
        .. Directory.EnumerateDirectories(Path.Combine(Root, "src"), "VaPi.*")
            .Select(project => $"src/{Path.GetFileName(project)}/README.md")
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Read-mes of samples and tests.</summary>
    private static IEnumerable<string> OtherReadmes =>
        new[] { "benchmarks", "build", "samples", "tests" }
            .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Root, folder), "*.md", SearchOption.AllDirectories))
            .Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/'))
            .Where(file => !file.Split('/').Any(part => part is "bin" or "obj"))
            .Order(StringComparer.Ordinal);

    /// <summary>README.md, everything in docs, the packages' descriptions, and other read-mes, from the root, with slashes.</summary>
    public static IReadOnlyList<string> Documents { get; } =
    [
        "README.md",
        .. Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/'))
            .Order(StringComparer.Ordinal),
        .. PackageDescriptions,
        .. OtherReadmes,
    ];
}
