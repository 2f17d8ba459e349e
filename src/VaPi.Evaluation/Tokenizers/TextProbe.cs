using SkiaSharp;
using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Evaluation.Tokenizers;

/// <summary>
/// Images full of random letters of one height, and a reader of them. Where letters are is known; which they are is told by the
/// letter that correlates best with the place, so a letter counts as read if it looks more like itself than like any other.
/// </summary>
internal sealed class TextProbe : IDisposable
{
    private const int LetterAdvance = DotFont.Width + 1;
    private const int LineAdvance = DotFont.Height + 2;

    // Of the luminance: text that is hardly there to begin with would tell nothing.
    private const float LeastContrast = 0.8f;

    // A correlation below it is that of rounding: the place is empty.
    private const double LeastCorrelation = 1e-3;

    private readonly int _cellHeight;
    private readonly int _cellWidth;
    private readonly float _dot;
    private readonly List<SKPoint> _places = [];
    private readonly ImageSize _size;
    private Tensor? _templates; // (cells, letters, pixels of a cell)

    /// <param name="size">Of the images.</param>
    /// <param name="height">Of the letters, in pixels.</param>
    public TextProbe(ImageSize size, double height)
    {
        _size = size;
        _dot = (float)(height / DotFont.Height);
        (_cellHeight, _cellWidth) = ((int)Math.Ceiling(DotFont.Height * _dot) + 1, (int)Math.Ceiling(DotFont.Width * _dot) + 1);
        for (float top = _dot; top + _cellHeight <= size.Height; top += LineAdvance * _dot)
        {
            for (float left = _dot; left + _cellWidth <= size.Width; left += LetterAdvance * _dot)
                _places.Add(new SKPoint(left, top));
        }
    }

    /// <summary>The letters of an image; 0 if it is too small for one.</summary>
    public int LettersPerImage => _places.Count;

    /// <summary>Draws an image of random letters in random colours: dark on light or light on dark.</summary>
    /// <param name="random">Decides letters and colours.</param>
    /// <returns>Its image belongs to the caller.</returns>
    public DrawnText Draw(Random random)
    {
        using DisposeScope scope = NewDisposeScope();
        int[] letters = [.. _places.Select(_ => random.Next(DotFont.Letters.Length))];
        (float[] ink, float[] paper) = Colours(random);
        Tensor covered = tensor(DotFont.Draw(_size, _places, letters, _dot), [1, _size.Height, _size.Width]);
        Tensor back = tensor(paper, [3, 1, 1]);
        Tensor image = back + (tensor(ink, [3, 1, 1]) - back) * covered;
        return new DrawnText(image.MoveToOuterDisposeScope(), letters, ink.Average() > paper.Average());
    }

    /// <summary>How many letters are read as what they are.</summary>
    /// <param name="images">(N, 3, H, W), on any device.</param>
    /// <param name="texts">What was drawn on each.</param>
    public long Read(Tensor images, IReadOnlyList<DrawnText> texts)
    {
        using DisposeScope scope = NewDisposeScope();
        _templates ??= Templates().DetachFromDisposeScope();
        Tensor cells = Cells(Luminance(images)); // (cells, N, pixels)
        Tensor polarity = tensor(texts.Select(text => text.IsLight ? 1f : -1f).ToArray(), [1, texts.Count, 1]);
        Tensor correlations = cells.matmul(_templates.transpose(1, 2)) * polarity; // (cells, N, letters)
        (Tensor best, Tensor found) = correlations.max(2); // (cells, N)
        Tensor truth = tensor(texts.SelectMany(text => text.Letters.Select(letter => (long)letter)).ToArray(), [texts.Count, LettersPerImage]).t(); // (cells, N)
        return ((found == truth) & (best > LeastCorrelation)).sum().item<long>();
    }

    public void Dispose() => _templates?.Dispose();

    private static (float[] Ink, float[] Paper) Colours(Random random)
    {
        while (true)
        {
            float[] first = [.. Enumerable.Range(0, 3).Select(_ => random.NextSingle() * 2 - 1)];
            float[] second = [.. Enumerable.Range(0, 3).Select(_ => random.NextSingle() * 2 - 1)];
            if (Math.Abs(first.Average() - second.Average()) >= LeastContrast)
                return (first, second);
        }
    }

    private static Tensor Luminance(Tensor images) => images.detach().to(ScalarType.Float32, CPU).mean([1]);

    // Every letter at every place: where letters begin between pixels, their templates do too.
    private Tensor Templates()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor sheets = stack([.. Enumerable.Range(0, DotFont.Letters.Length).Select(Sheet)]); // (letters, H, W)
        return Cells(sheets).MoveToOuterDisposeScope();

        Tensor Sheet(int letter) =>
            tensor(DotFont.Draw(_size, _places, [.. Enumerable.Repeat(letter, LettersPerImage)], _dot), [_size.Height, _size.Width]);
    }

    // (N, H, W) to (cells, N, pixels), without mean and of length one: products of them are correlations.
    private Tensor Cells(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor cells = stack([.. _places.Select(place => images.narrow(1, (long)place.Y, _cellHeight).narrow(2, (long)place.X, _cellWidth).flatten(1))]);
        Tensor centred = cells - cells.mean([2], keepdim: true);
        return (centred / centred.norm(2, keepdim: true).clamp(min: 1e-6)).MoveToOuterDisposeScope();
    }
}
