using QuickStart.Models;
using QuickStart.Photographs;
using VaPi.Data;
using Xunit;
using static TorchSharp.torch;

namespace QuickStart.Tests.Photographs;

public sealed class PhotographSetTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vapi-quickstart-").FullName;
    private readonly List<string> _warnings = [];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_cannot_be_used_is_skipped_with_a_warning()
    {
        Photograph("cats", "good.png", 300);
        Photograph("cats", "small.png", 100);
        Photograph("dogs", "good.png", 300);
        File.WriteAllText(Path.Combine(_folder, "dogs", "text.jpg"), "no image");
        int advanced = 0;

        using PhotographSet set = PhotographSet.Read(PhotographSet.Find(_folder), [PhotoRegion.Evaluation], _warnings.Add, steps => advanced += steps, default);

        Assert.Equal((2, 2, 4), (set.Count, set.Skipped, advanced));
        Assert.Equal(["cats", "dogs"], set.Classes);
        Assert.Equal(2 * 16, set[PhotoRegion.Evaluation].Count);
        Assert.Contains(_warnings, warning => warning.Contains("small.png' is 100x100 pixels", StringComparison.Ordinal));
        Assert.Contains(_warnings, warning => warning.Contains("text.jpg' cannot be decoded", StringComparison.Ordinal));
    }

    [Fact]
    public void The_regions_are_those_of_separate_reading()
    {
        Photograph("cats", "photo.png", 300);
        ImageFolder folder = PhotographSet.Find(_folder);
        VaPi.ImageDraw[] draws = [.. Enumerable.Range(0, 16).Select(index => new VaPi.ImageDraw(index, 3))];

        using PhotographSet set = PhotographSet.Read(folder, Enum.GetValues<PhotoRegion>(), _warnings.Add, _ => { }, default);

        foreach (PhotoRegion region in Enum.GetValues<PhotoRegion>())
        {
            using TileCrops alone = TileCrops.Open(folder, region, SmallModels.ImageSize);
            using VaPi.ImageBatch expected = alone.Read(draws);
            using VaPi.ImageBatch read = set[region].Read(draws);
            Assert.Equal(alone.Count, set[region].Count);
            Assert.True(read.Images.eq(expected.Images).all().item<bool>());
        }
    }

    [Fact]
    public void A_class_without_a_usable_photograph_is_an_error()
    {
        Photograph("cats", "good.png", 300);
        Photograph("dogs", "small.png", 100);

        InvalidDataException error = Assert.Throws<InvalidDataException>(
            () => PhotographSet.Read(PhotographSet.Find(_folder), [PhotoRegion.Evaluation], _warnings.Add, _ => { }, default));

        Assert.Contains("None of the photographs of the class 'dogs' can be used", error.Message, StringComparison.Ordinal);
        Assert.Single(_warnings);
    }

    [Fact]
    public void Photographs_outside_class_folders_are_explained()
    {
        Photograph(".", "loose.png", 300);

        Assert.Contains("has no sub-folders", Assert.Throws<InvalidDataException>(() => PhotographSet.Find(_folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_class_folder_is_named()
    {
        Photograph("cats", "good.png", 300);
        Directory.CreateDirectory(Path.Combine(_folder, "dogs"));

        Assert.Contains("class folder 'dogs'", Assert.Throws<InvalidDataException>(() => PhotographSet.Find(_folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Reading_can_be_stopped()
    {
        Photograph("cats", "good.png", 300);

        Assert.Throws<OperationCanceledException>(
            () => PhotographSet.Read(PhotographSet.Find(_folder), [PhotoRegion.Evaluation], _warnings.Add, _ => { }, new CancellationToken(canceled: true)));
    }

    [Fact]
    public void More_classes_than_the_networks_know_are_an_error()
    {
        string models = QuickStart.CommandLine.QuickStartOptions.Parse([]).Models;

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => SmallNetworks.Load(models, 7));

        Assert.Contains("There are 7 class folders, but the networks in", error.Message, StringComparison.Ordinal);
        Assert.Contains("know 6 classes", error.Message, StringComparison.Ordinal);
    }

    private void Photograph(string folder, string name, int side)
    {
        Directory.CreateDirectory(Path.Combine(_folder, folder));
        using Tensor photo = rand(3, side, side) * 2 - 1;
        ImageFile.Save(photo, Path.Combine(_folder, folder, name));
    }
}
