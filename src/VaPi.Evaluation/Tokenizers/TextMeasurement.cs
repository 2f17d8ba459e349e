using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Evaluation.Tokenizers;

/// <summary>Draws text, lets a tokenizer encode and decode it, and reads it back.</summary>
internal static class TextMeasurement
{
    public static IReadOnlyList<TextReading> Of(ITokenizer tokenizer, TokenizerReportOptions options, CancellationToken cancellationToken)
    {
        var readings = new List<TextReading>();
        foreach (double height in options.TextHeights.Order())
        {
            using var probe = new TextProbe(tokenizer.ImageSize, height);
            if (probe.LettersPerImage > 0 && options.TextImages > 0)
                readings.Add(Read(tokenizer, probe, height, options, cancellationToken));
        }

        return readings;
    }

    private static TextReading Read(ITokenizer tokenizer, TextProbe probe, double height, TokenizerReportOptions options, CancellationToken cancellationToken)
    {
        var random = new Random(options.Seed);
        (long original, long reconstructed) = (0, 0);
        foreach (int[] images in Enumerable.Range(0, options.TextImages).Chunk(options.TextBatchSize))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using IDisposable gradients = no_grad();
            using DisposeScope scope = NewDisposeScope();
            DrawnText[] texts = [.. images.Select(_ => probe.Draw(random))];
            Tensor drawn = stack([.. texts.Select(text => text.Image)]).to(tokenizer.Device ?? CPU); // (N, 3, H, W)
            original += probe.Read(drawn, texts);
            reconstructed += probe.Read(tokenizer.Decode(tokenizer.Encode(drawn)).clamp(-1, 1), texts);
        }

        long count = (long)options.TextImages * probe.LettersPerImage;
        return new TextReading(height, count, (double)original / count, (double)reconstructed / count);
    }
}
