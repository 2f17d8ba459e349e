using TorchSharp;
using VaPi.Evaluation;
using static TorchSharp.torch;

namespace LlamaGen.Reconstruction;

/// <summary>How well images survive a tokenizer: sums over images, added batch by batch.</summary>
/// <param name="codebookSize">V.</param>
internal sealed class ReconstructionQuality(int codebookSize)
{
    private readonly List<double> _meanSquaredErrors = [];

    /// <summary>Each image's mean squared error over pixels in [-1, 1].</summary>
    public IReadOnlyList<double> MeanSquaredErrors => _meanSquaredErrors;

    /// <summary>The mean of the images' mean squared errors.</summary>
    public double MeanSquaredError => _meanSquaredErrors.Average();

    /// <summary>The mean of the images' PSNRs, in dB; infinite if a reconstruction is exact.</summary>
    public double PeakSignalToNoise => _meanSquaredErrors.Average(Psnr);

    /// <summary>How the images use the codebook.</summary>
    public CodebookUsage Codebook { get; } = new(codebookSize);

    /// <summary>10 log10(2² / error) in dB, 2 being the range of pixels in [-1, 1].</summary>
    public static double Psnr(double meanSquaredError) => 10 * Math.Log10(4 / meanSquaredError);

    /// <summary>Counts images in.</summary>
    /// <param name="images">(B, 3, H, W) in [-1, 1].</param>
    /// <param name="reconstructions">(B, 3, H, W), clamped to [-1, 1].</param>
    /// <param name="tokens">(B, T), int64.</param>
    public void Add(Tensor images, Tensor reconstructions, Tensor tokens)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor errors = (images - reconstructions).to(ScalarType.Float64).square().mean([1, 2, 3]);
        _meanSquaredErrors.AddRange(errors.cpu().data<double>().ToArray());
        Codebook.Add(tokens);
    }
}
