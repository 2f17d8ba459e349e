using LlamaGen.Tests.Support;
using TorchSharp;
using VaPi.Data;
using Xunit;
using static TorchSharp.torch;

namespace LlamaGen.Tests.Generation;

public sealed class GenerateTests : IDisposable
{
    private readonly Workplace _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    public void The_same_seed_gives_the_same_images_whatever_the_batch_size()
    {
        Generate("one", "--batch-size", "1");
        Generate("three", "--batch-size", "3");
        Generate("all", "--batch-size", "100");
        Generate("other", "--seed", "1");

        string[] names = ["0000-class-1.png", "0001-class-1.png", "0002-class-2.png", "0003-class-2.png", "0004-no-class.png", "0005-no-class.png"];
        Assert.Equal([.. names, "contact-sheet.png"], Directory.EnumerateFiles(_place.At("one")).Select(Path.GetFileName).Order());
        foreach (string name in names)
        {
            byte[] image = File.ReadAllBytes(_place.At("one", name));
            Assert.Equal(image, File.ReadAllBytes(_place.At("three", name)));
            Assert.Equal(image, File.ReadAllBytes(_place.At("all", name)));
            Assert.NotEqual(image, File.ReadAllBytes(_place.At("other", name)));
        }

        Assert.Equal(names.Length, names.Select(name => Convert.ToBase64String(File.ReadAllBytes(_place.At("one", name)))).Distinct().Count());
    }

    [Fact]
    public void Options_reach_the_drawing()
    {
        Generate("plain");
        foreach (string[] option in new[] { ["--guidance", "1"], ["--guidance-interval", "5"], ["--guidance-power", "2"], ["--temperature", "0.3"], ["--top-k", "2"], ["--top-p", "0.2"], new[] { "--greedy" } })
        {
            Generate(option[0], option);
            Assert.NotEqual(File.ReadAllBytes(_place.At("plain", "0000-class-1.png")), File.ReadAllBytes(_place.At(option[0], "0000-class-1.png")));
        }
    }

    [Fact]
    public void Images_have_the_size_and_the_sheet_has_them_all()
    {
        Generate("small", "--image-size", "16", "--count", "1");

        using DisposeScope scope = NewDisposeScope();
        Assert.Equal([3, 16, 16], ImageFile.Load(_place.At("small", "0000-class-1.png")).shape);
        Tensor sheet = ImageFile.Load(_place.At("small", "contact-sheet.png"));
        Assert.True(sheet.shape[1] > 2 * 16 && sheet.shape[2] > 2 * 16, $"The sheet is {string.Join('x', sheet.shape)}.");
    }

    [Fact]
    public void Stopped_it_keeps_finished_images()
    {
        (int code, _, string errors) = Workplace.RunAndStop(Arguments("results", "--batch-size", "2"));

        Assert.Equal(130, code);
        Assert.Equal($"Stopped after 2 of 6 images, which are in '{_place.At("results")}'.", errors);
        Assert.Equal(["0000-class-1.png", "0001-class-1.png", "contact-sheet.png"], Directory.EnumerateFiles(_place.At("results")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void Captions_are_taken_from_a_file_or_a_folder()
    {
        string policy = _place.TinyPolicy("text.safetensors", captions: true);
        Workplace.Features(_place.At("features", "2.npy"), length: 4, seed: 1);
        Workplace.Features(_place.At("features", "10.npy"), length: 130, seed: 2);
        string[] common = ["generate", "--random-weights", "tiny", "--policy", policy, "--top-k", "0"];

        Workplace.RunWell([.. common, "--captions", _place.At("features"), "--output", _place.At("folder")]);
        Workplace.RunWell([.. common, "--captions", _place.At("features", "2.npy"), "--output", _place.At("file")]);

        Assert.Equal(["0000-2.png", "0001-10.png", "contact-sheet.png"], Directory.EnumerateFiles(_place.At("folder")).Select(Path.GetFileName).Order());
        Assert.Equal(File.ReadAllBytes(_place.At("folder", "0000-2.png")), File.ReadAllBytes(_place.At("file", "0000-2.png")));
    }

    private string[] Arguments(string output, params string[] others)
    {
        string policy = File.Exists(_place.At("policy.safetensors")) ? _place.At("policy.safetensors") : _place.TinyPolicy("policy.safetensors");
        return ["generate", "--random-weights", "tiny", "--policy", policy, "--classes", "1,2,-1", "--count", "2", "--output", _place.At(output), .. others];
    }

    private void Generate(string output, params string[] others) => Workplace.RunWell(Arguments(output, others));
}
