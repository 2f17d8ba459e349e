using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Evaluation.Likelihood;

/// <summary>How far decoded samples are from their images, few images decoded at a time.</summary>
internal sealed class SampleErrors(ITokenizer tokenizer, int samplesPerDecode)
{
    /// <param name="images">(B, 3, H, W) in [-1, 1].</param>
    /// <param name="samples">(B, G, T), int64.</param>
    /// <returns>(B, G), float64: mean squared errors over pixels and channels; in the caller's dispose scope.</returns>
    public Tensor Of(Tensor images, Tensor samples)
    {
        using DisposeScope scope = NewDisposeScope();
        int group = (int)samples.shape[1];
        Tensor rows = samples.flatten(0, 1); // (B G, T)
        var errors = new List<Tensor>();
        for (int start = 0; start < rows.shape[0]; start += samplesPerDecode)
        {
            using DisposeScope chunk = NewDisposeScope();
            int count = (int)Math.Min(samplesPerDecode, rows.shape[0] - start);
            long[] owners = [.. Enumerable.Range(start, count).Select(row => (long)(row / group))];
            Tensor targets = images.index_select(0, tensor(owners, device: images.device)); // (n, 3, H, W)
            Tensor decoded = tokenizer.Decode(rows.narrow(0, start, count)); // (n, 3, H, W), not clamped
            errors.Add((decoded - targets).to(ScalarType.Float64).square().mean([1, 2, 3]).MoveToOuterDisposeScope());
        }

        return cat(errors).view(samples.shape[0], group).MoveToOuterDisposeScope();
    }
}
