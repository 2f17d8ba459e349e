using System.Diagnostics;
using LlamaGen.Memory;
using LlamaGen.Models;
using LlamaGen.Tests.Support;
using Xunit;

namespace LlamaGen.Tests.Memory;

/// <summary>Alone, since other tests' memory would be measured too.</summary>
[Collection(nameof(Alone))]
public sealed class MemoryCheckTests : IDisposable
{
    private readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    [Theory]
    [InlineData("B", 111e6)]
    [InlineData("L", 343e6)]
    [InlineData("XL", 775e6)]
    [InlineData("XXL", 1.4e9)]
    [InlineData("XXXL", 3.9e9)]
    public void Published_sizes_have_about_as_many_parameters_as_published(string size, double published) =>
        Assert.InRange(ModelSizes.Policy(size, 16).ParameterCount / published, 0.98, 1.02);

    [Fact]
    public void A_model_too_large_is_refused_before_it_is_made()
    {
        long before = Resident();
        (int code, string output, string errors) = Workplace.Run(
            "align", "--random-weights", "7B", "--memory", "24", "--images", _place.Images(ofEach: 1), "--reward", "mse", "--output", _place.At("results"));

        Assert.Equal(1, code);
        Assert.Matches("policy's weights \\| 4 B x 6,614,589,440 \\| 26.5 GB", output);
        Assert.Matches("AdamW's moments \\| 8 B x 6,614,589,440 \\| 52.9 GB", output);
        Assert.Matches("Aligning needs about 1\\d\\d\\.\\d GB, but 24.0 GB are available", errors);
        Assert.InRange(Resident() - before, long.MinValue, 500_000_000);
        Assert.False(Directory.Exists(_place.At("results")));
    }

    [Fact]
    public void Whoever_ignores_the_memory_is_only_warned()
    {
        string output = Workplace.RunWell("generate", "--random-weights", "tiny", "--memory", "0.1", "--ignore-memory", "--classes", "1", "--output", _place.At("results"));

        Assert.Contains("warning: Generating needs about", output, StringComparison.Ordinal);
        Assert.True(File.Exists(_place.At("results", "0000-class-1.png")));
    }

    [Theory]
    [InlineData("0.53", true)]
    [InlineData("0.7", false)]
    public void Whoever_has_hardly_enough_is_warned(string memory, bool warned)
    {
        string output = Workplace.RunWell("generate", "--random-weights", "tiny", "--memory", memory, "--classes", "1", "--output", _place.At("results"));

        Assert.Equal(warned, output.Contains("warning: That is close", StringComparison.Ordinal));
    }

    [Fact]
    public void This_machine_has_some_memory() => Assert.InRange(MachineMemory.AvailableBytes(), 50_000_000, 1_000_000_000_000_000);

    private static long Resident()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
