using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;

namespace VaPi.Build.Tests;

/// <summary>README.md followed to the letter, in an empty folder outside the source tree.</summary>
[Collection(PackageCollection.Name)]
public sealed partial class ReadmeTests(PackageFixture package)
{
    private static readonly string Readme = File.ReadAllText(Path.Combine(TestEnvironment.RepositoryRoot, "README.md"));

    [LinuxX64Fact]
    public void Its_first_example_aligns_a_policy_on_a_folder_of_images()
    {
        string program = Path.Combine(package.Folder, "Readme");
        string references = string.Join("\n", AddedPackage().Matches(Readme).Select(Reference));
        package.Write("Readme/Readme.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
              </PropertyGroup>
              <ItemGroup>
            {references}
              </ItemGroup>
            </Project>
            """);
        package.Write("Readme/Program.cs", Code().Match(Readme).Groups["code"].Value);
        foreach (string folder in CopiedFolders().Match(Readme).Groups["folders"].Value.Split(' '))
            Copy(Path.Combine(TestEnvironment.RepositoryRoot, folder), Path.Combine(program, Path.GetFileName(folder)));

        Dotnet.Build(program, mustSucceed: true, "build", "-c", "Release");
        string output = Dotnet.Run(program, mustSucceed: true, Path.Combine("bin", "Release", "net10.0", "Readme.dll"));

        Match rewards = Rewards().Match(output);
        Assert.True(rewards.Success, output);
        (double before, double after) = (Number(rewards, "before"), Number(rewards, "after"));
        Assert.True(after > before, output);
        Assert.True(new FileInfo(Path.Combine(program, "aligned.safetensors")).Length > 100_000);
    }

    private static double Number(Match match, string group) => double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    // The library in the version just packed, others in the version that README.md names.
    private string Reference(Match added)
    {
        string name = added.Groups["name"].Value;
        string version = name.StartsWith("VaPi.", StringComparison.Ordinal) ? $"[{package.Version}]" : added.Groups["version"].Value;
        return $"""    <PackageReference Include="{name}" Version="{version}" />""";
    }

    private static void Copy(string from, string to)
    {
        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    [GeneratedRegex(@"^dotnet add package (?<name>\S+)( --version (?<version>\S+))?$", RegexOptions.Multiline)]
    private static partial Regex AddedPackage();

    [GeneratedRegex(@"^cp -r (?<folders>.+) \S+$", RegexOptions.Multiline)]
    private static partial Regex CopiedFolders();

    // The first block.
    [GeneratedRegex(@"^```csharp\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex(@"(?<before>-\d+\.\d+) before, (?<after>-\d+\.\d+) after")]
    private static partial Regex Rewards();
}
