namespace VaPi.Evaluation.Tokenizers;

/// <summary>How much text of one height a tokenizer leaves readable.</summary>
/// <param name="Height">Of the letters, in pixels.</param>
/// <param name="Letters">The letters drawn.</param>
/// <param name="Original">The share that is read from the images themselves, 0 … 1: what the reader can do.</param>
/// <param name="Reconstruction">The share that is read after encoding and decoding, 0 … 1; guessing gives 1/36.</param>
public sealed record TextReading(double Height, long Letters, double Original, double Reconstruction);
