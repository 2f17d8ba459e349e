namespace VaPi.Data;

/// <summary>The shape of a resampling filter.</summary>
internal enum ResamplingKernel
{
    /// <summary>1 on (-0.5, 0.5].</summary>
    Box,

    /// <summary>Cubic convolution with a = -0.5, on (-2, 2).</summary>
    Bicubic,
}
