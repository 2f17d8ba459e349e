using TorchSharp;
using VaPi;
using VaPi.Data;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace QuickStart.Photographs;

/// <summary>
/// Random crops of one region of a folder of photographs. Each photograph is cut into 4x4 tiles, and the tiles are dealt
/// out along diagonals, so that every region sees every part of the picture but no pixel of another region.
/// </summary>
internal sealed class TileCrops : IImageSource, IDisposable
{
    private const int TilesAlongSide = 4;
    private const double SmallestCrop = 0.6;

    private readonly List<(Tensor Pixels, int Label)> _tiles = [];

    private TileCrops(int size) => ImageSize = size;

    public int Count => _tiles.Count;

    public ImageSize ImageSize { get; }

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
                    $"'{folder.Paths[index]}' is {photo.shape[2]}x{photo.shape[1]} pixels; QuickStart cuts photographs into 4x4 tiles of at least {size} pixels. Use images of at least {4 * size}x{4 * size}.");
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

    public void Dispose()
    {
        foreach ((Tensor pixels, _) in _tiles)
            pixels.Dispose();
    }

    private static PhotoRegion RegionOf(int row, int column) => ((row + column) % 4) switch
    {
        1 => PhotoRegion.Alignment,
        3 => PhotoRegion.Evaluation,
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
