using TorchSharp;
using VaPi;
using VaPi.Data;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace QuickStart.Photographs;

/// <summary>
/// Random crops of one region of a folder of photographs. Each photograph is cut into 8x8 tiles, and the tiles are dealt
/// out to the regions, so that every region sees every part of the picture but no pixel of another region.
/// </summary>
/// <remarks>
/// Tiles are kept as bytes, and large ones smaller than they were (crops are 32 pixels wide), so that hundreds of large
/// photographs fit into memory: one of 24 megapixels takes 8 MB for all regions.
/// </remarks>
internal sealed class TileCrops : IImageSource, IDisposable
{
    /// <summary>The sides, in pixels, that a photograph needs to be cut into tiles of the sample's image size.</summary>
    public const int SmallestPhotograph = TilesAlongSide * Models.SmallModels.ImageSize;

    private const int TilesAlongSide = 8;
    private const double SmallestCrop = 0.6;

    // Times the crops' side: a tile above this loses nothing that a crop would show.
    private const int LargestTile = 6;

    private readonly List<(Tensor Pixels, int Label)> _tiles = [];

    /// <summary>An empty source; <see cref="Deal"/> fills it.</summary>
    public TileCrops(int size) => ImageSize = size;

    public int Count => _tiles.Count;

    public ImageSize ImageSize { get; }

    public bool IsInMemory => true;

    /// <summary>The memory that the tiles take.</summary>
    public long Bytes => _tiles.Sum(tile => tile.Pixels.numel());

    /// <summary>Reads all photographs of a folder in the ImageNet layout and keeps the tiles of one region.</summary>
    /// <exception cref="InvalidDataException">A photograph is too small.</exception>
    /// <exception cref="IOException">A photograph cannot be read.</exception>
    public static TileCrops Open(ImageFolder folder, PhotoRegion region, int size)
    {
        var crops = new TileCrops(size);
        var regions = new Dictionary<PhotoRegion, TileCrops> { [region] = crops };
        for (int index = 0; index < folder.Count; index++)
            Deal(folder.Paths[index], folder.Labels[index], regions);
        return crops;
    }

    /// <summary>Decodes one photograph and gives its tiles to the regions that are there.</summary>
    /// <exception cref="InvalidDataException">It is too small; no region has got a tile.</exception>
    /// <exception cref="IOException">It cannot be read; no region has got a tile.</exception>
    public static void Deal(string path, int label, IReadOnlyDictionary<PhotoRegion, TileCrops> regions)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor photo = ImageFile.Load(path); // (3, H, W)
        long height = photo.shape[1] / TilesAlongSide;
        long width = photo.shape[2] / TilesAlongSide;
        long size = regions.Values.Max(crops => crops.ImageSize.Height);
        if (Math.Min(height, width) < size)
        {
            throw new InvalidDataException(
                $"'{path}' is {photo.shape[2]}x{photo.shape[1]} pixels; QuickStart cuts photographs into {TilesAlongSide}x{TilesAlongSide} tiles of at least {size} pixels. Use images of at least {TilesAlongSide * size}x{TilesAlongSide * size}.");
        }

        for (int row = 0; row < TilesAlongSide; row++)
        {
            for (int column = 0; column < TilesAlongSide; column++)
            {
                if (regions.TryGetValue(RegionOf(row, column), out TileCrops? crops))
                    crops._tiles.Add((crops.Kept(photo.narrow(1, row * height, height).narrow(2, column * width, width)), label));
            }
        }
    }

    public ImageBatch Read(IReadOnlyList<ImageDraw> draws)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = stack(draws.Select(Crop));
        return new ImageBatch(images, new ClassCondition(draws.Select(draw => (long)_tiles[draw.Index].Label)));
    }

    /// <summary>One crop for each of the labels.</summary>
    public ImageBatch ReadOfClasses(IReadOnlyList<long> labels, int seed)
    {
        var random = new Random(seed);
        return Read(
        [
            .. labels.Select(label =>
            {
                int[] tiles = [.. Enumerable.Range(0, Count).Where(index => _tiles[index].Label == label)];
                return new ImageDraw(tiles[random.Next(tiles.Length)], (ulong)random.NextInt64());
            }),
        ]);
    }

    public void Dispose()
    {
        foreach ((Tensor pixels, _) in _tiles)
            pixels.Dispose();
    }

    // In each block of 2x2 tiles one is for alignment, its neighbour for evaluation, and two are for training; the places
    // rotate from block to block, so that no region keeps to one side. (Of the deals tried, this one gives the regions the
    // most similar statistics.)
    private static PhotoRegion RegionOf(int row, int column) => ((2 * (row % 2) + column % 2 + row / 2 + column / 2) % 4) switch
    {
        0 => PhotoRegion.Alignment,
        1 => PhotoRegion.Evaluation,
        _ => PhotoRegion.Training,
    };

    /// <summary>A tile as it is kept: bytes, and averaged down by a whole factor if it is large.</summary>
    /// <param name="tile">(3, H, W) in [-1, 1].</param>
    /// <returns>(3, h, w): the levels 0 to 255. Belongs to this source.</returns>
    private Tensor Kept(Tensor tile)
    {
        using DisposeScope scope = NewDisposeScope();
        long largest = LargestTile * ImageSize.Height;
        long factor = (Math.Min(tile.shape[1], tile.shape[2]) + largest - 1) / largest;
        Tensor small = factor == 1 ? tile : F.avg_pool2d(tile.unsqueeze(0), factor).squeeze(0);
        return ((small + 1) * 127.5).round_().to(ScalarType.Byte).contiguous().DetachFromDisposeScope();
    }

    // A square of 60 % to 100 % of the tile's shorter side, anywhere in it, flipped half of the time.
    private Tensor Crop(ImageDraw draw)
    {
        Tensor tile = _tiles[draw.Index].Pixels;
        var random = new Random(unchecked((int)(draw.Seed ^ (draw.Seed >> 32))));
        long shorter = Math.Min(tile.shape[1], tile.shape[2]);
        long side = Math.Max(ImageSize.Height, (long)Math.Round(shorter * (SmallestCrop + (1 - SmallestCrop) * random.NextDouble())));
        long top = random.NextInt64(tile.shape[1] - side + 1);
        long left = random.NextInt64(tile.shape[2] - side + 1);
        Tensor levels = tile.narrow(1, top, side).narrow(2, left, side);
        Tensor square = levels.to(ScalarType.Float32).div_(127.5).sub_(1); // the floats that the file's bytes were read as
        Tensor small = F.adaptive_avg_pool2d(square.unsqueeze(0), [ImageSize.Height, ImageSize.Width]).squeeze(0);
        return random.Next(2) == 0 ? small : small.flip(2);
    }
}
