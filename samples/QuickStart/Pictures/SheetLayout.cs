using SkiaSharp;

namespace QuickStart.Pictures;

/// <summary>
/// Where everything on a <see cref="ClassSheet"/> goes. Each class is a block of rows and columns under a heading; blocks
/// stand in bands of several, with the rows' captions at the left of each band. All texts are wrapped to their places.
/// </summary>
internal sealed class SheetLayout
{
    /// <summary>Each pixel of an image becomes a square of this side.</summary>
    public const int Enlargement = 4;

    /// <summary>The size of the font's dots.</summary>
    public const int Dot = 2;

    private const int Gap = 4;
    private const int BlockGap = 28;
    private const int Margin = 20;
    private const int LineHeight = (PixelFont.Height + 4) * Dot;

    private readonly int _bandHeight;
    private readonly int _bandsTop;
    private readonly int _blocksInBand;
    private readonly int _blockWidth;
    private readonly int _captionWidth;
    private readonly int _headingHeight;

    /// <param name="title">Above everything.</param>
    /// <param name="classes">The headings.</param>
    /// <param name="captions">One for each row of a block.</param>
    /// <param name="columns">Images of each class in a row.</param>
    /// <param name="imageSize">The side of an image, in its own pixels.</param>
    public SheetLayout(string title, IReadOnlyList<string> classes, IReadOnlyList<string> captions, int columns, int imageSize)
    {
        Side = imageSize * Enlargement;
        _blockWidth = columns * (Side + Gap) - Gap;
        Headings = [.. classes.Select(name => PixelFont.Wrap(name, _blockWidth / Dot))];
        _headingHeight = Headings.Max(lines => lines.Count) * LineHeight + Gap;
        _captionWidth = captions.Max(PixelFont.Measure) * Dot + 5 * Gap;
        _bandHeight = _headingHeight + captions.Count * (Side + Gap) - Gap + BlockGap;

        // About as wide as high, which screens and pages show largest.
        double blockShape = (double)_bandHeight / (_blockWidth + BlockGap);
        _blocksInBand = Math.Clamp((int)Math.Round(Math.Sqrt(classes.Count * blockShape)), 1, classes.Count);
        Width = 2 * Margin + _captionWidth + _blocksInBand * (_blockWidth + BlockGap) - BlockGap;
        Title = PixelFont.Wrap(title, (Width - 2 * Margin) / Dot);
        _bandsTop = Margin + Title.Count * LineHeight + BlockGap / 2;
        int bands = (classes.Count + _blocksInBand - 1) / _blocksInBand;
        Height = _bandsTop + bands * _bandHeight - BlockGap + Margin;
        CaptionPlaces =
        [
            .. Enumerable.Range(0, bands).SelectMany(band => Enumerable.Range(0, captions.Count).Select(
                row => (row, new SKPointI(Margin, BandTop(band) + _headingHeight + row * (Side + Gap) + (Side - PixelFont.Height * Dot) / 2)))),
        ];
    }

    /// <summary>Of the whole sheet, in pixels.</summary>
    public int Width { get; }

    /// <inheritdoc cref="Width"/>
    public int Height { get; }

    /// <summary>Of an image, enlarged.</summary>
    public int Side { get; }

    /// <summary>The title's lines.</summary>
    public IReadOnlyList<string> Title { get; }

    /// <summary>Each class's heading, as lines.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Headings { get; }

    /// <summary>Where the caption of a row is written: once in each band.</summary>
    public IReadOnlyList<(int Row, SKPointI Place)> CaptionPlaces { get; }

    public static SKPointI TitlePlace(int line) => new(Margin, Margin + line * LineHeight);

    public SKPointI HeadingPlace(int label, int line) => new(BlockLeft(label), BandTop(label / _blocksInBand) + line * LineHeight);

    public SKRectI Image(int label, int row, int column) => SKRectI.Create(
        BlockLeft(label) + column * (Side + Gap), BandTop(label / _blocksInBand) + _headingHeight + row * (Side + Gap), Side, Side);

    private int BandTop(int band) => _bandsTop + band * _bandHeight;

    private int BlockLeft(int label) => Margin + _captionWidth + label % _blocksInBand * (_blockWidth + BlockGap);
}
