namespace VaPi.Models.LlamaGen.Costs;

/// <summary>
/// The bytes of a number of the policy that is trained, by what the number is. Tokenizer, rewards, images and logits are
/// float32 whatever the policy is.
/// </summary>
/// <param name="Weight">Of a parameter, and of what stands for no caption.</param>
/// <param name="Gradient">Of a parameter's gradient.</param>
/// <param name="Moments">Of a parameter's two moments together.</param>
/// <param name="Activation">Of what a forward pass computes.</param>
internal sealed record NumberBytes(int Weight, int Gradient, int Moments, int Activation)
{
    /// <summary>Of a float32.</summary>
    public const int Single = 4;

    /// <summary>A policy in float32, which is what the library trains.</summary>
    public static NumberBytes AllSingle { get; } = new(Weight: Single, Gradient: Single, Moments: 2 * Single, Activation: Single);

    /// <summary>
    /// What an update moves for a parameter at the least: the gradient is read for its norm, which must be known before
    /// anything is clipped; then the gradient is read again, and the parameter and its moments are read and written.
    /// </summary>
    public int MovedByUpdate => 2 * Gradient + 2 * Weight + 2 * Moments;
}
