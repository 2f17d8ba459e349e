using static TorchSharp.torch;

namespace VaPi.Evaluation.Tokenizers;

/// <summary>An image full of letters.</summary>
/// <param name="Image">(3, H, W), float32, in [-1, 1].</param>
/// <param name="Letters">What was drawn, place by place.</param>
/// <param name="IsLight">Whether the letters are lighter than what they are drawn on.</param>
internal sealed record DrawnText(Tensor Image, IReadOnlyList<int> Letters, bool IsLight);
