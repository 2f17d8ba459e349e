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
internal sealed class TileCrops : IImageSource, IDisposable
{
    private const int TilesAlongSide = 8;
    private const double SmallestCrop = 0.6;

    private readonly List<(Tensor Pixels, int Label)> _tiles = [];

    private TileCrops(int size) => ImageSize = size;

    public int Count => _tiles.Count;

    public ImageSize ImageSize { get; }

    public bool IsInMemory => true;

    /// <summary>Reads all photographs of a folder in the ImageNet layout and keeps the tiles of one region.</summary>
    public static TileCrops Open(ImageFolder folder, PhotoRegion region, int size)
    {
        var crops = new TileCrops(size);
        for (int index = 0; index < folder.Count; index++)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor photo = ImageFile.Load(folder.Paths[index]); // (3, H, W)
            long height = photo.shape[1] / TilesAlongSide;
            long width = photo.shape[2] / TilesAlongSide;
            if (Math.Min(height, width) < size)
            {
                throw new InvalidDataException(
                    $"'{folder.Paths[index]}' is {photo.shape[2]}x{photo.shape[1]} pixels; QuickStart cuts photographs into {TilesAlongSide}x{TilesAlongSide} tiles of at least {size} pixels. Use images of at least {TilesAlongSide * size}x{TilesAlongSide * size}.");
            }

            for (int row = 0; row < TilesAlongSide; row++)
            {
                for (int column = 0; column < TilesAlongSide; column++)
                {
                    if (RegionOf(row, column) == region)
                        crops._tiles.Add((photo.narrow(1, row * height, height).narrow(2, column * width, width).clone().DetachFromDisposeScope(), folder.Labels[index]));
                }
            }
        }

        return crops;
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

    // A square of 60 % to 100 % of the tile's shorter side, anywhere in it, flipped half of the time.
    private Tensor Crop(ImageDraw draw)
    {
        Tensor tile = _tiles[draw.Index].Pixels;
        var random = new Random(unchecked((int)(draw.Seed ^ (draw.Seed >> 32))));
        long shorter = Math.Min(tile.shape[1], tile.shape[2]);
        long side = Math.Max(ImageSize.Height, (long)Math.Round(shorter * (SmallestCrop + (1 - SmallestCrop) * random.NextDouble())));
        long top = random.NextInt64(tile.shape[1] - side + 1);
        long left = random.NextInt64(tile.shape[2] - side + 1);
        Tensor square = tile.narrow(1, top, side).narrow(2, left, side);
        Tensor small = F.adaptive_avg_pool2d(square.unsqueeze(0), [ImageSize.Height, ImageSize.Width]).squeeze(0);
        return random.Next(2) == 0 ? small : small.flip(2);
    }
}
