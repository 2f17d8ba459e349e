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

    /// <summary>README.md, everything in docs, and the packages' descriptions, from the root, with slashes.</summary>
    public static IReadOnlyList<string> Documents { get; } =
    [
        "README.md",
        .. Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/'))
            .Order(StringComparer.Ordinal),
        .. PackageDescriptions,
    ];
}
