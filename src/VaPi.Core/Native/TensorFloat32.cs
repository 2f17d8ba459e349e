using static TorchSharp.torch;

namespace VaPi.Native;

/// <summary>
/// Whether a GPU may round the factors of float32 matrix products and convolutions to TF32 (10 bits of mantissa in place of 23),
/// which makes them several times as fast on NVIDIA's cards since Ampere. One switch for the whole process; it does nothing on
/// the CPU, nor for bfloat16.
/// </summary>
public static class TensorFloat32
{
    /// <summary>
    /// Whether it is allowed, for products and for convolutions. Set it before a run: libtorch begins with convolutions allowed and
    /// products not, which reads as false.
    /// </summary>
    public static bool IsAllowed
    {
        get => backends.cuda.matmul.allow_tf32 && backends.cudnn.allow_tf32;
        set => backends.cuda.matmul.allow_tf32 = backends.cudnn.allow_tf32 = value;
    }
}
