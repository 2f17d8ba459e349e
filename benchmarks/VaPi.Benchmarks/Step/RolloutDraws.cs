using static TorchSharp.torch;

namespace VaPi.Benchmarks.Step;

/// <summary>The images of one rollout, and what is random in it.</summary>
/// <param name="Images">(B, 3, H, W).</param>
/// <param name="Condition">Of the B images.</param>
/// <param name="Context">(B, T): the true tokens with contextual noise; null if it is yet to be drawn.</param>
/// <param name="Samples">(B, G, T); null if they are yet to be drawn.</param>
internal sealed record RolloutDraws(Tensor Images, Condition Condition, Tensor? Context, Tensor? Samples) : IDisposable
{
    public void Dispose()
    {
        Images.Dispose();
        Condition.Dispose();
        Context?.Dispose();
        Samples?.Dispose();
    }
}
