using VaPi;
using VaPi.Alignment;
using VaPi.Data;

namespace Documents;

/// <summary>What docs/data.md shows of extracted codes.</summary>
internal static class ExtractedCodes
{
    public static void Align(ITokenizer tokenizer, IImageSource images, AlignmentTrainerBuilder builder, string path)
    {
        #region extracted codes
        TokenCodes.Extract(images, tokenizer, path); // once

        using TokenCodes codes = TokenCodes.Open(path, tokenizer);
        using AlignmentTrainer trainer = builder.WithImages(images.WithCodes(codes)).Build();
        #endregion
        trainer.Step();
    }
}
