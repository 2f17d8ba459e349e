using static TorchSharp.torch;

namespace VaPi;

/// <summary>
/// N = I * S decoded samples in image-major order: S samples each of I consecutive images of the batch. So a tensor of the
/// images' (I, …) meets one of the samples' (I, S, …) by broadcasting, without copies.
/// </summary>
/// <param name="Samples">(N, 3, H, W), float32, not clamped.</param>
/// <param name="Tokens">(N, T), int64: the tokens the samples were decoded from.</param>
/// <param name="Layout">How the T tokens lie over the image.</param>
/// <param name="FirstImage">The batch index of the first image.</param>
/// <param name="ImageCount">I ≥ 1.</param>
public sealed record RewardChunk(Tensor Samples, Tensor Tokens, TokenLayout Layout, int FirstImage, int ImageCount)
{
    /// <summary>N, the number of samples.</summary>
    public int SampleCount => (int)Samples.shape[0];

    /// <summary>S = N / I, the samples of each image.</summary>
    public int SamplesPerImage => SampleCount / ImageCount;
}
