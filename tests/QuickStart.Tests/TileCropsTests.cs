using QuickStart.Photographs;
using VaPi;
using VaPi.Data;
using Xunit;
using static TorchSharp.torch;

namespace QuickStart.Tests;

public sealed class TileCropsTests : IDisposable
{
    private const int Size = 32;
    private const int Tiles = 8;

    private readonly string _folder = Directory.CreateTempSubdirectory("vapi-quickstart-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void No_region_sees_a_pixel_of_another()
    {
        // Every tile has a colour of its own, so the colours of a region's crops tell which tiles it reads.
        using Tensor photo = zeros(3, Size * Tiles, Size * Tiles);
        for (int tile = 0; tile < Tiles * Tiles; tile++)
            photo.narrow(1, tile / Tiles * Size, Size).narrow(2, tile % Tiles * Size, Size).fill_(tile * 4 / 127.5 - 1);
        Save(photo);
        ImageFolder folder = ImageFolder.Open(_folder, Size);

        Dictionary<PhotoRegion, HashSet<int>> seen = Enum.GetValues<PhotoRegion>().ToDictionary(region => region, region => TilesSeen(folder, region));

        Assert.Equal(Tiles * Tiles / 2, seen[PhotoRegion.Training].Count);
        Assert.Equal(Tiles * Tiles / 4, seen[PhotoRegion.Alignment].Count);
        Assert.Equal(Tiles * Tiles / 4, seen[PhotoRegion.Evaluation].Count);
        Assert.Equal(Enumerable.Range(0, Tiles * Tiles), seen.Values.SelectMany(tiles => tiles).Order());
    }

    [Fact]
    public void The_same_draw_gives_the_same_crop()
    {
        using Tensor photo = rand(3, 400, 300) * 2 - 1;
        Save(photo);
        using TileCrops crops = TileCrops.Open(ImageFolder.Open(_folder, Size), PhotoRegion.Alignment, Size);

        using ImageBatch first = crops.Read([new ImageDraw(3, 5), new ImageDraw(3, 6)]);
        using ImageBatch second = crops.Read([new ImageDraw(3, 5), new ImageDraw(3, 6)]);

        Assert.True(first.Images.eq(second.Images).all().item<bool>());
        Assert.False(first.Images[0].eq(first.Images[1]).all().item<bool>());
    }

    [Fact]
    public void A_photograph_that_is_too_small_is_named()
    {
        using Tensor photo = zeros(3, 200, 300);
        Save(photo);

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => TileCrops.Open(ImageFolder.Open(_folder, Size), PhotoRegion.Training, Size));

        Assert.Contains("photo.png' is 300x200 pixels", error.Message, StringComparison.Ordinal);
        Assert.Contains("at least 256x256", error.Message, StringComparison.Ordinal);
    }

    private static HashSet<int> TilesSeen(ImageFolder folder, PhotoRegion region)
    {
        using TileCrops crops = TileCrops.Open(folder, region, Size);
        using ImageBatch batch = crops.Read([.. Enumerable.Range(0, crops.Count).Select(index => new ImageDraw(index, (ulong)index))]);
        return [.. batch.Images.flatten().data<float>().ToArray().Select(value => (int)Math.Round((value + 1) * 127.5 / 4))];
    }

    private void Save(Tensor photo)
    {
        Directory.CreateDirectory(Path.Combine(_folder, "class"));
        ImageFile.Save(photo, Path.Combine(_folder, "class", "photo.png"));
    }
}
