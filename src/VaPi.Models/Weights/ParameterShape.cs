using static TorchSharp.torch;

namespace VaPi.Models.Weights;

/// <summary>One tensor of a model: its published name, its shape, and how it starts when nothing is loaded.</summary>
/// <param name="Name">The name in the published state dict.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Initial">How it starts.</param>
/// <param name="Deviation">The standard deviation (normal) or bound (uniform) of the start.</param>
/// <param name="IsTrained">False for what the published code calls a buffer: it is saved, but training never changes it.</param>
internal sealed record ParameterShape(string Name, long[] Shape, InitialValue Initial, double Deviation = 0, bool IsTrained = true)
{
    /// <summary>The numbers in it.</summary>
    public long Count => Shape.Aggregate(1L, (count, side) => count * side);

    /// <summary>A new tensor with the initial values; belongs to the caller.</summary>
    public Tensor Create(Generator generator) => Initial switch
    {
        InitialValue.Zeros => zeros(Shape),
        InitialValue.Ones => ones(Shape),
        InitialValue.Normal => randn(Shape, generator: generator).mul_(Deviation),
        InitialValue.Uniform => empty(Shape).uniform_(-Deviation, Deviation, generator),
        _ => throw new ArgumentOutOfRangeException(nameof(generator), Initial, "There is no such initial value."),
    };
}
