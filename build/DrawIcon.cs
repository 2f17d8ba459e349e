#:package SkiaSharp
#:package SkiaSharp.NativeAssets.Linux.NoDependencies
#:property VaPiNeedsBackend=false

// Draws the packages' icon: tokens, of which some make up the letter π. From the repository's root:
//   dotnet run build/DrawIcon.cs build/icon.png
using SkiaSharp;

const int Side = 128;
const int Cell = 16;
string[] letter =
[
    "......",
    "######",
    ".#..#.",
    ".#..#.",
    ".#..#.",
    "##..##",
];

using var surface = SKSurface.Create(new SKImageInfo(Side, Side, SKColorType.Rgba8888, SKAlphaType.Premul));
SKCanvas canvas = surface.Canvas;
canvas.Clear(SKColors.Transparent);
using var paint = new SKPaint { IsAntialias = true, Color = new SKColor(0x16, 0x1B, 0x2E) };
canvas.DrawRoundRect(new SKRect(0, 0, Side, Side), 24, 24, paint);

float margin = (Side - letter.Length * Cell) / 2f;
for (int row = 0; row < letter.Length; row++)
{
    for (int column = 0; column < letter[row].Length; column++)
    {
        // From warm to cool over the letter; the rest of the grid is nearly dark.
        float along = (row + column) / (2f * (letter.Length - 1));
        SKColor bright = SKColor.FromHsl(20 + 190 * along, 85, 62);
        paint.Color = letter[row][column] == '#' ? bright : bright.WithAlpha(34);
        var cell = SKRect.Create(margin + column * Cell, margin + row * Cell, Cell, Cell);
        cell.Inflate(-1, -1);
        canvas.DrawRoundRect(cell, 3, 3, paint);
    }
}

using SKImage image = surface.Snapshot();
using SKData png = image.Encode(SKEncodedImageFormat.Png, 100);
using FileStream file = File.Create(args[0]);
png.SaveTo(file);
