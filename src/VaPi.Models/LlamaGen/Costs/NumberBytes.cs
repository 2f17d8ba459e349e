using static TorchSharp.torch;

namespace VaPi.Models.LlamaGen.Costs;

/// <summary>
/// The bytes of a number of the policy that is trained, by what the number is. Tokenizer, rewards and images are float32
/// whatever the policy is.
/// </summary>
/// <param name="Weight">Of a parameter, of what stands for no caption, and of what a forward pass computes.</param>
/// <param name="Wide">Of what is never less precise than float32: norms, rotary embeddings, logits, and what the optimiser keeps.</param>
/// <param name="AddsMinibatches">Whether an update has several minibatches.</param>
internal sealed record NumberBytes(int Weight, int Wide, bool AddsMinibatches)
{
    /// <summary>Of a float32.</summary>
    public const int Single = 4;

    /// <summary>A policy in float32 with one minibatch an update.</summary>
    public static NumberBytes AllSingle { get; } = Of(ScalarType.Float32);

    /// <summary>Whether the optimiser keeps the weights more precisely than the policy has them.</summary>
    public bool IsRounded => Weight < Wide;

    /// <summary>Of a parameter's gradient as autograd leaves it.</summary>
    public int Gradient => Weight;

    /// <summary>Of the sum of minibatches' gradients that is not autograd's; 0 without one.</summary>
    public int Sum => IsRounded && AddsMinibatches ? Wide : 0;

    /// <summary>Of a parameter as the optimiser has it beside the policy's; 0 without one.</summary>
    public int Master => IsRounded ? Wide : 0;

    /// <summary>Of a parameter's two moments together.</summary>
    public int Moments => 2 * Wide;

    /// <summary>
    /// What an update moves for a parameter at the least: the gradient is read for its norm, which must be known before
    /// anything is clipped; then the gradient is read again, and the parameter and its moments are read and written. Where
    /// the optimiser has the parameter, that is read and written, and the policy's written.
    /// </summary>
    public int MovedByUpdate => 2 * (Sum > 0 ? Sum : Gradient) + (IsRounded ? 2 * Master + Weight : 2 * Weight) + 2 * Moments;

    /// <param name="type">Of the weights; Float32 if null.</param>
    /// <param name="addsMinibatches">Whether an update has several minibatches.</param>
    /// <exception cref="ArgumentException">Weights cannot be of this type.</exception>
    public static NumberBytes Of(ScalarType? type, bool addsMinibatches = false)
    {
        ScalarType weights = Precision.Checked(type);
        return new(BytesOf(weights), BytesOf(Precision.AtLeastSingle(weights)), addsMinibatches);
    }

    private static int BytesOf(ScalarType type) => type switch
    {
        ScalarType.BFloat16 => 2,
        ScalarType.Float64 => 8,
        _ => Single,
    };
}
