using System.IO.Compression;
using System.Reflection.Metadata;
using System.Text;
using System.Xml.Linq;
using Xunit;

namespace VaPi.Build.Tests;

/// <summary>What is in the packed packages.</summary>
[Collection(PackageCollection.Name)]
public sealed class PackageContentTests(PackageFixture package)
{
    // What a package's own assembly needs, beside what the packages it needs bring with them.
    private static readonly Dictionary<string, string[]> Needs = new()
    {
        ["VaPi.Core"] = ["Microsoft.Extensions.Logging.Abstractions", "Microsoft.Extensions.Options", "SkiaSharp", "TorchSharp"],
        ["VaPi.Evaluation"] = ["VaPi.Core"],
        ["VaPi.Extensions.DependencyInjection"] =
            ["VaPi.Core", "Microsoft.Extensions.DependencyInjection.Abstractions", "Microsoft.Extensions.Options.ConfigurationExtensions"],
        ["VaPi.Models"] = ["VaPi.Core"],
        ["VaPi.Reporting"] = ["VaPi.Core"],
    };

    // Pinned for all, so that restoring warns of nothing.
    private static readonly string[] Pinned = [.. Needs["VaPi.Core"], "Microsoft.Extensions.DependencyInjection.Abstractions", "SharpZipLib"];

    public static TheoryData<string> Names => [.. Needs.Keys];

    [LinuxX64Fact]
    public void Every_package_is_packed_once() => Assert.Equal(
        Needs.Keys.Order(StringComparer.Ordinal),
        Directory.GetFiles(package.Feed, "*.nupkg").Select(file => Path.GetFileName(file).Replace($".{package.Version}.nupkg", "", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

    [LinuxX64Theory]
    [MemberData(nameof(Names))]
    public void A_package_has_its_assembly_its_documentation_and_what_a_feed_shows(string name)
    {
        using ZipArchive archive = Open(name, "nupkg");
        HashSet<string> files = [.. archive.Entries.Select(entry => entry.FullName)];
        var documentation = XDocument.Parse(Text(archive, $"lib/net10.0/{name}.xml"));

        string[] expected = [$"lib/net10.0/{name}.dll", $"lib/net10.0/{name}.xml", "README.md", "icon.png", "LICENSE", $"{name}.nuspec"];
        Assert.All(expected, file => Assert.Contains(file, files));
        Assert.NotEmpty(documentation.Descendants("summary"));
        Assert.Equal(name == "VaPi.Core" ? ["buildTransitive/LibstdcxxPatch.cs", "buildTransitive/VaPi.Core.targets"] : [], files.Where(file => file.StartsWith("build", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(TestEnvironment.RepositoryRoot, "src", name, "README.md")), Bytes(archive, "README.md"));
        byte[] icon = Bytes(archive, "icon.png");
        Assert.Equal([0x89, 0x50, 0x4E, 0x47], icon[..4]);
        Assert.Equal([0, 0, 0, 128, 0, 0, 0, 128], icon[16..24]); // width and height
    }

    [LinuxX64Theory]
    [MemberData(nameof(Names))]
    public void A_package_says_what_it_is_and_what_it_needs(string name)
    {
        using ZipArchive archive = Open(name, "nupkg");
        var nuspec = XDocument.Parse(Text(archive, $"{name}.nuspec"));
        XNamespace schema = nuspec.Root!.Name.Namespace;
        XElement metadata = nuspec.Root.Element(schema + "metadata")!;
        string Value(string element) => metadata.Element(schema + element)?.Value ?? "";
        Dictionary<string, string> dependencies = metadata.Descendants(schema + "dependency").ToDictionary(each => each.Attribute("id")!.Value, each => each.Attribute("version")!.Value);

        Assert.Equal((name, package.Version, "MIT", "README.md", "icon.png"), (Value("id"), Value("version"), Value("license"), Value("readme"), Value("icon")));
        Assert.Contains("image-generation", Value("tags"), StringComparison.Ordinal);
        Assert.InRange(Value("description").Length, 50, 300);
        Assert.All(Needs[name], needed => Assert.Contains(needed, dependencies));
        Assert.Empty(dependencies.Keys.Except(Needs[name]).Except(Pinned));
        Assert.All(dependencies.Where(each => each.Key.StartsWith("VaPi.", StringComparison.Ordinal)), each => Assert.Equal(package.Version, each.Value));
        Assert.DoesNotContain(dependencies.Keys, each => each.Contains("libtorch", StringComparison.OrdinalIgnoreCase) || each.Contains("NativeAssets", StringComparison.Ordinal));
    }

    [LinuxX64Theory]
    [MemberData(nameof(Names))]
    public void Symbols_fit_the_assembly(string name)
    {
        using ZipArchive archive = Open(name, "snupkg");

        using var symbols = MetadataReaderProvider.FromPortablePdbStream(new MemoryStream(Bytes(archive, $"lib/net10.0/{name}.pdb")));
        MetadataReader reader = symbols.GetMetadataReader();
        string[] sources = [.. reader.Documents.Select(document => reader.GetString(reader.GetDocument(document).Name))];

        Assert.Contains(sources, source => source.EndsWith(".cs", StringComparison.Ordinal));
        using ZipArchive assembly = Open(name, "nupkg");
        using var image = new System.Reflection.PortableExecutable.PEReader(new MemoryStream(Bytes(assembly, $"lib/net10.0/{name}.dll")));
        var entry = image.ReadDebugDirectory().First(each => each.Type == System.Reflection.PortableExecutable.DebugDirectoryEntryType.CodeView);
        Assert.Equal(image.ReadCodeViewDebugDirectoryData(entry).Guid, new BlobContentId(reader.DebugMetadataHeader!.Id).Guid);
    }

    /// <summary>So that it is the same wherever it is built.</summary>
    [LinuxX64Theory]
    [MemberData(nameof(Names))]
    public void Nothing_released_tells_where_it_was_built(string name)
    {
        if (TestEnvironment.Configuration != "Release")
            return; // there paths help to debug

        foreach (string kind in new[] { "nupkg", "snupkg" })
        {
            using ZipArchive archive = Open(name, kind);
            foreach (ZipArchiveEntry entry in archive.Entries)
            {
                byte[] content = Bytes(archive, entry.FullName);
                foreach (string folder in new[] { TestEnvironment.RepositoryRoot, TestEnvironment.PackageCache })
                    Assert.True(content.AsSpan().IndexOf(Encoding.UTF8.GetBytes(folder)) < 0, $"{kind}: {entry.FullName} contains '{folder}'.");
            }
        }
    }

    private ZipArchive Open(string name, string extension) => ZipFile.OpenRead(Path.Combine(package.Feed, $"{name}.{package.Version}.{extension}"));

    private static byte[] Bytes(ZipArchive archive, string path)
    {
        using Stream stream = archive.GetEntry(path)!.Open();
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    private static string Text(ZipArchive archive, string path) => Encoding.UTF8.GetString(Bytes(archive, path)).TrimStart('\uFEFF');
}
