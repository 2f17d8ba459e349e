using QuickStart.CommandLine;
using QuickStart.Models;
using QuickStart.Photographs;
using VaPi;
using VaPi.Data;
using Xunit;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace QuickStart.Tests.Photographs;

public sealed class TileCropsTests : IDisposable
{
    private const int Size = 32;
    private const int Tiles = 8;

    private readonly string _folder = Directory.CreateTempSubdirectory("vapi-quickstart-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(Size)]
    [InlineData(250)] // kept smaller than it was
    public void No_region_sees_a_pixel_of_another(int tileSize)
    {
        // Every tile has a colour of its own, so the colours of a region's crops tell which tiles it reads.
        using Tensor photo = zeros(3, tileSize * Tiles, tileSize * Tiles);
        for (int tile = 0; tile < Tiles * Tiles; tile++)
            photo.narrow(1, tile / Tiles * tileSize, tileSize).narrow(2, tile % Tiles * tileSize, tileSize).fill_(tile * 4 / 127.5 - 1);
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
    public void Crops_of_the_shipped_photographs_are_those_of_the_decoded_floats_bit_for_bit()
    {
        ImageFolder folder = ImageFolder.Open(QuickStartOptions.Parse([]).Images, Size);
        using TileCrops crops = TileCrops.Open(folder, PhotoRegion.Evaluation, Size);

        Assert.Equal(folder.Count * 16, crops.Count);
        for (int index = 0; index < crops.Count; index++)
        {
            using var scope = NewDisposeScope();
            using ImageBatch read = crops.Read([new ImageDraw(index, (ulong)index * 7919)]);
            Tensor photo = ImageFile.Load(folder.Paths[index / 16]);
            (int row, int column) = EvaluationTile(index % 16);
            Tensor expected = Crop(photo, row, column, (int)(index * 7919));
            Assert.True(read.Images[0].eq(expected).all().item<bool>(), $"crop {index} of {folder.Paths[index / 16]}");
        }
    }

    [Fact]
    public void Large_photographs_take_little_memory()
    {
        using Tensor photo = zeros(3, 2400, 3200); // tiles of 300x400, kept as 150x200
        Save(photo);
        using TileCrops crops = TileCrops.Open(ImageFolder.Open(_folder, Size), PhotoRegion.Alignment, Size);

        Assert.Equal(16 * 3 * 150 * 200, crops.Bytes);
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

    // Which tile is evaluated on, and how it is cropped, written out again: what the README's table was measured with.
    private static (int Row, int Column) EvaluationTile(int index) =>
        Enumerable.Range(0, Tiles * Tiles).Select(tile => (Row: tile / Tiles, Column: tile % Tiles))
            .Where(tile => (2 * (tile.Row % 2) + tile.Column % 2 + tile.Row / 2 + tile.Column / 2) % 4 == 1).ElementAt(index);

    private static Tensor Crop(Tensor photo, int row, int column, int seed)
    {
        (long height, long width) = (photo.shape[1] / Tiles, photo.shape[2] / Tiles);
        Tensor tile = photo.narrow(1, row * height, height).narrow(2, column * width, width).clone();
        var random = new Random(seed);
        long side = Math.Max(SmallModels.ImageSize, (long)Math.Round(Math.Min(height, width) * (0.6 + 0.4 * random.NextDouble())));
        long top = random.NextInt64(height - side + 1);
        long left = random.NextInt64(width - side + 1);
        Tensor crop = F.adaptive_avg_pool2d(tile.narrow(1, top, side).narrow(2, left, side).unsqueeze(0), [Size, Size]).squeeze(0);
        return random.Next(2) == 0 ? crop : crop.flip(2);
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
