namespace VaPi.Models.Weights;

/// <summary>How a parameter starts.</summary>
internal enum InitialValue
{
    Zeros,
    Ones,
    Normal,
    Uniform,
}
