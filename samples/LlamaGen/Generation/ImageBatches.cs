using LlamaGen.CommandLine;
using TorchSharp;
using VaPi;
using VaPi.Data;
using VaPi.Models.LlamaGen;
using static TorchSharp.torch;

namespace LlamaGen.Generation;

/// <summary>Generates images batch by batch and writes each as soon as its batch is decoded.</summary>
/// <param name="policy">Stays the caller's.</param>
/// <param name="tokenizer">Stays the caller's.</param>
/// <param name="sampling">How to draw.</param>
internal sealed class ImageBatches(LlamaGenPolicy policy, LlamaGenTokenizer tokenizer, SamplingOptions sampling)
{
    /// <summary>Generates images of consecutive seeds.</summary>
    /// <param name="first">The number of the first, which its seed is counted from.</param>
    /// <param name="condition">Of the images. Stays the caller's.</param>
    /// <param name="files">Where each is written.</param>
    /// <param name="cancellationToken">Stops between two tokens; none of the batch is written then.</param>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public void Write(int first, Condition condition, IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using Condition placed = condition.To(policy.Device);
        Tensor tokens = policy.Generate(placed, sampling.From(first), cancellationToken); // (B, T)

        // One at a time: decoding takes far more memory than generating, and rounds a little differently in other batches.
        for (int image = 0; image < files.Count; image++)
        {
            using Tensor decoded = tokenizer.Decode(tokens.narrow(0, image, 1)); // (1, 3, H, W)
            ImageFile.Save(decoded, files[image]);
        }
    }
}
