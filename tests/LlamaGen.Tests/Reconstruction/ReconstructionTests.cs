using System.Text.Json;
using LlamaGen.Models;
using LlamaGen.Reconstruction;
using LlamaGen.Tests.Support;
using TorchSharp;
using VaPi.Data;
using VaPi.Models.LlamaGen;
using Xunit;
using static TorchSharp.torch;

namespace LlamaGen.Tests.Reconstruction;

public sealed class ReconstructionTests : IDisposable
{
    private readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void Measures_are_what_they_are_called()
    {
        using DisposeScope scope = NewDisposeScope();
        var quality = new ReconstructionQuality(codebookSize: 8);
        Tensor images = zeros(2, 3, 4, 4);
        Tensor reconstructions = stack([full([3, 4, 4], 0.2f), full([3, 4, 4], -0.02f)]);

        quality.Add(images, reconstructions, tensor(new long[] { 1, 1, 1, 1, 5, 5, 6, 6 }, [2, 4]));

        Assert.Equal([0.04, 0.0004], quality.MeanSquaredErrors.Select(error => Math.Round(error, 7)));
        Assert.Equal((20 + 40) / 2.0, quality.PeakSignalToNoise, precision: 4); // 10 log10(4 / 0.04) and 10 log10(4 / 0.0004)
        Assert.Equal((3, 3.0 / 8, 8), (quality.Codebook.RowsUsed, quality.Codebook.Share, quality.Codebook.TokenCount));
        Assert.Equal(Math.Pow(2, 1.5), quality.Codebook.Perplexity, precision: 10); // an entropy of 1/2 + 2/4 + 2/4 bits
    }

    [Fact]
    public void A_folder_is_measured_and_shown()
    {
        string images = _place.Images(ofEach: 2, size: 32);
        File.WriteAllText(Path.Combine(images, "a", "broken.png"), "no image");

        string output = Workplace.RunWell("evaluate-reconstruction", "--random-weights", "tiny", "--images", images, "--batch-size", "3", "--output", _place.At("results"));

        Assert.Contains("broken.png", output, StringComparison.Ordinal);
        using JsonDocument numbers = JsonDocument.Parse(File.ReadAllText(_place.At("results", "reconstruction.json")));
        Assert.Equal(4, numbers.RootElement.GetProperty("images").GetInt32());
        Assert.Equal(4 * 64, numbers.RootElement.GetProperty("tokens").GetInt32());
        Assert.Equal(Expected(images), numbers.RootElement.GetProperty("meanSquaredError").GetDouble(), precision: 6);
        Assert.Equal(4, numbers.RootElement.GetProperty("each").GetArrayLength());
        using Tensor picture = ImageFile.Load(_place.At("results", "side-by-side.png"));
        Assert.True(picture.shape[1] > 2 * 32 && picture.shape[2] > 4 * 32, $"The picture is {string.Join('x', picture.shape)}.");
    }

    [Fact]
    public void Generated_images_can_be_measured()
    {
        Workplace.RunWell("generate", "--random-weights", "tiny", "--classes", "1,2", "--output", _place.At("generated"));

        string output = Workplace.RunWell("evaluate-reconstruction", "--random-weights", "tiny", "--images", _place.At("generated"), "--limit", "2", "--output", _place.At("results"));

        Assert.Contains("images | 2", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_in_which_nothing_can_be_read_is_an_error()
    {
        Directory.CreateDirectory(_place.At("broken"));
        File.WriteAllText(_place.At("broken", "a.png"), "no image");

        (int code, _, string errors) = Workplace.Run("evaluate-reconstruction", "--random-weights", "tiny", "--images", _place.At("broken"), "--output", _place.At("results"));

        Assert.Equal(1, code);
        Assert.Contains("None of the images", errors, StringComparison.Ordinal);
    }

    private static double Expected(string images)
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaGenTokenizer tokenizer = LlamaGenTokenizer.Create(ModelSizes.Tokenizer(ModelSizes.Tiny, 32));
        return Directory.EnumerateFiles(images, "?.png", SearchOption.AllDirectories).Average(file =>
        {
            Tensor image = ImageFile.Load(file).unsqueeze(0);
            return (image - tokenizer.Decode(tokenizer.Encode(image)).clamp(-1, 1)).square().mean().item<float>();
        });
    }
}
