namespace VaPi.Evaluation.Features;

/// <summary>One convolution of Inception-v3, which a batch norm and a rectifier follow.</summary>
/// <param name="Name">Its name in torchvision's state dict, without <c>.conv.weight</c>.</param>
/// <param name="From">Input channels.</param>
/// <param name="To">Output channels.</param>
/// <param name="Height">Of the kernel.</param>
/// <param name="Width">Of the kernel.</param>
/// <param name="Stride">In both directions.</param>
/// <param name="Padded">Whether the borders are padded with zeros so that the size stays.</param>
internal sealed record InceptionConvolution(string Name, long From, long To, long Height, long Width, long Stride = 1, bool Padded = true);
