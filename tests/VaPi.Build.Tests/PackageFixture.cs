using System.Runtime.InteropServices;
using Xunit;

namespace VaPi.Build.Tests;

/// <summary>
/// Packs the library into a feed of its own, and builds programs that use the packages as a user's would: outside the
/// source tree, without this repository's build files.
/// </summary>
public sealed class PackageFixture : IAsyncLifetime
{
    // Unique, so that no cache can answer with the package of another run.
    public string Version { get; } = "0.1.0-test.g" + Guid.NewGuid().ToString("N");

    public string Folder { get; } = TestEnvironment.NewFolder();

    /// <summary>A program that refers to the package, and has libtorch.</summary>
    public string Program => Path.Combine(Folder, "Program");

    /// <summary>A program that refers to a library that refers to the package; without libtorch, so it builds quickly.</summary>
    public string Indirect => Path.Combine(Folder, "Indirect");

    /// <summary>The latter published for any runtime; made when first asked for.</summary>
    public string PublishedForAny
    {
        get
        {
            string output = Path.Combine(Folder, "any");
            if (!Directory.Exists(output))
                Dotnet.Build(Indirect, mustSucceed: true, "publish", "-o", output);
            return output;
        }
    }

    public string FirstBuildOutput { get; private set; } = "";

    public string Feed => Path.Combine(Folder, "feed");

    public Task InitializeAsync()
    {
        // As LinuxX64Fact: where the tests are skipped there is nothing to prepare.
        if (!OperatingSystem.IsLinux() || RuntimeInformation.OSArchitecture != Architecture.X64)
            return Task.CompletedTask;

        Dotnet.Build(
            TestEnvironment.RepositoryRoot, mustSucceed: true,
            "pack", "VaPi.Packages.slnf", "--no-build", "-c", TestEnvironment.Configuration, "-o", Feed,
            "-p:PackageVersion=" + Version, "-p:NuspecOutputPath=" + Path.Combine(Folder, "nuspec") + "/");

        // The new package goes to a cache of its own; all others come from the one that this build filled.
        Write("Directory.Build.props", $"""
            <Project>
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <RestoreAdditionalProjectSources>{Feed}</RestoreAdditionalProjectSources>
                <RestorePackagesPath>{Folder}/packages</RestorePackagesPath>
                <RestoreFallbackFolders>{TestEnvironment.PackageCache}</RestoreFallbackFolders>
                <CreateHardLinksForCopyLocalIfPossible>true</CreateHardLinksForCopyLocalIfPossible>
              </PropertyGroup>
            </Project>
            """);
        Write("Directory.Build.targets", "<Project />");
        Write("Directory.Packages.props", "<Project />");
        Write("Program/Program.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="VaPi.Core" Version="[{Version}]" />
                <PackageReference Include="libtorch-cpu-linux-x64" Version="{TestEnvironment.LibTorchVersion}" />
              </ItemGroup>
            </Project>
            """);
        Write("Program/Program.cs", """
            if (args is [string image])
                using (VaPi.Data.ImageFile.Load(image))
                    return;
            Console.WriteLine($"The sum is {TorchSharp.torch.ones(2, 3).sum().item<float>()}.");
            Console.WriteLine($"Chosen: {VaPi.Native.LibTorch.InUse?.Folder ?? "none"}.");
            """);
        Write("Library/Library.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <ItemGroup>
                <PackageReference Include="VaPi.Core" Version="[{Version}]" />
              </ItemGroup>
            </Project>
            """);
        Write("Library/Library.cs", "public static class Library { public static int Answer => 42; }");
        Write("Indirect/Indirect.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
              </PropertyGroup>
              <ItemGroup>
                <ProjectReference Include="../Library/Library.csproj" />
              </ItemGroup>
              <!-- Lets a test put another library in the place of TorchSharp's. -->
              <Target Name="PutAnotherLibrary" AfterTargets="ResolvePackageAssets" Condition="'$(AnotherLibrary)' != ''">
                <ItemGroup>
                  <_Own Include="@(RuntimeTargetsCopyLocalItems)" Condition="'%(Filename)%(Extension)' == 'libLibTorchSharp.so'" />
                  <RuntimeTargetsCopyLocalItems Remove="@(_Own)" />
                  <RuntimeTargetsCopyLocalItems Include="@(_Own->'$(AnotherLibrary)')" />
                </ItemGroup>
              </Target>
            </Project>
            """);
        Write("Indirect/Program.cs", """
            Console.WriteLine(Library.Answer);
            if (args is ["compute"])
            {
                // One of VaPi's types comes before TorchSharp's, as in programs that align.
                using var condition = new VaPi.NoCondition(1);
                Console.WriteLine($"The sum is {TorchSharp.torch.ones(2, 3).sum().item<float>()}, with {VaPi.Native.LibTorch.InUse}.");
            }
            """);

        FirstBuildOutput = Dotnet.Build(Program, mustSucceed: true, "build");
        return Task.CompletedTask;
    }

    public Task DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        return Task.CompletedTask;
    }

    /// <summary>Writes a file of a program.</summary>
    /// <param name="path">From <see cref="Folder"/>.</param>
    /// <param name="text">Its content.</param>
    public void Write(string path, string text)
    {
        string file = Path.Combine(Folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
