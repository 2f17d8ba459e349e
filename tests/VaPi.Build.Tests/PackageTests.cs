using Xunit;

namespace VaPi.Build.Tests;

[Collection(PackageCollection.Name)]
public sealed class PackageTests(PackageFixture package)
{
    private const string Announcement = "PATCHED COPY";
    private const string LibraryInOutput = "runtimes/linux-x64/native/libLibTorchSharp.so";

    private string Output => Path.Combine(package.Program, "bin", "Debug", "net10.0");

    private string Library => Path.Combine(Output, LibraryInOutput);

    [LinuxX64Fact]
    public void A_program_that_reads_images_without_the_package_for_that_is_told_which_one()
    {
        string image = Path.Combine(package.Folder, "image.png");
        File.Copy(Path.Combine(TestEnvironment.RepositoryRoot, "build", "icon.png"), image, overwrite: true);

        string output = Dotnet.Run(package.Program, mustSucceed: false, Path.Combine(Output, "Program.dll"), image);

        Assert.Contains($"Add the package SkiaSharp.NativeAssets.Linux.NoDependencies {TestEnvironment.SkiaSharpVersion}", output, StringComparison.Ordinal);
    }

    [LinuxX64Fact]
    public void A_program_that_refers_to_the_package_builds_and_makes_a_tensor()
    {
        Assert.DoesNotContain("NU1603", package.FirstBuildOutput, StringComparison.Ordinal);
        Assert.Equal(2, package.FirstBuildOutput.Split(Announcement).Length);
        AssertPatched(Library);
        string configuration = File.ReadAllText(Assert.Single(Directory.GetFiles(Output, "*.runtimeconfig.json")));
        Assert.Contains("\"System.GC.Concurrent\": false", configuration, StringComparison.Ordinal);

        string output = Dotnet.Run(package.Program, mustSucceed: true, Path.Combine(Output, "Program.dll"));

        Assert.Contains("The sum is 6.", output, StringComparison.Ordinal);
    }

    [LinuxX64Fact]
    public void A_second_build_changes_nothing_and_says_nothing_and_a_third_repairs_the_output()
    {
        var time = File.GetLastWriteTimeUtc(Library);

        string second = Dotnet.Build(package.Program, mustSucceed: true, "build", "--no-restore");

        Assert.Equal(time, File.GetLastWriteTimeUtc(Library));
        Assert.DoesNotContain("VaPi:", second, StringComparison.Ordinal);

        // As a build without the patch would leave it.
        File.Delete(Library);
        File.Copy(TestEnvironment.OriginalLibrary, Library);

        Dotnet.Build(package.Program, mustSucceed: true, "build", "--no-restore");

        AssertPatched(Library);
    }

    [LinuxX64Fact]
    public void Switched_off_the_original_is_used()
    {
        string items = Dotnet.Run(
            package.Program, mustSucceed: true,
            "msbuild", "-t:ResolvePackageAssets", "-getItem:RuntimeTargetsCopyLocalItems", "-p:VaPiPatchTorchSharpForOlderLibstdcxx=false");

        Assert.Contains(TestEnvironment.OriginalLibrary, items, StringComparison.OrdinalIgnoreCase);
    }

    [LinuxX64Fact]
    public void Publishing_for_any_runtime_and_for_one_carries_the_patch_also_through_another_library()
    {
        string any = package.PublishedForAny;
        string one = Path.Combine(package.Folder, "one");

        Dotnet.Build(package.Indirect, mustSucceed: true, "publish", "-r", "linux-x64", "--no-self-contained", "-o", one);

        AssertPatched(Path.Combine(any, LibraryInOutput));
        AssertPatched(Path.Combine(one, "libLibTorchSharp.so"));
    }

    [LinuxX64Fact]
    public void An_unexpected_library_is_used_as_it_is_with_a_warning_that_stops_no_build()
    {
        var image = ElfImage.Original();
        image.Set32(image.NeededVersion("GLIBCXX_3.4.30"), 1);
        string odd = Path.Combine(package.Folder, "odd", "libLibTorchSharp.so");
        Directory.CreateDirectory(Path.GetDirectoryName(odd)!);
        File.WriteAllBytes(odd, image.Bytes);

        string output = Dotnet.Build(
            package.Indirect, mustSucceed: true, "build", "-p:AnotherLibrary=" + odd, "-p:IntermediateOutputPath=obj/odd/", "-o", Path.Combine(package.Folder, "odd-out"));

        Assert.Contains("warning VAPI0001", output, StringComparison.Ordinal);
        Assert.Contains("the hash of GLIBCXX_3.4.30 is wrong", output, StringComparison.Ordinal);
        Assert.True(image.Bytes.AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(package.Folder, "odd-out", LibraryInOutput))));
    }

    private static void AssertPatched(string library)
    {
        Assert.Equal(LibstdcxxPatchOutcome.NotNeeded, LibstdcxxPatch.Apply(File.ReadAllBytes(library)).Outcome);
        Assert.Equal(LibstdcxxPatchOutcome.Patched, LibstdcxxPatch.Apply(File.ReadAllBytes(TestEnvironment.OriginalLibrary)).Outcome);
    }
}
