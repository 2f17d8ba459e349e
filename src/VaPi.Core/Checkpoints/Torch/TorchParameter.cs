namespace VaPi.Checkpoints.Torch;

/// <summary>An <c>nn.Parameter</c>; the oldest files make it empty and hand its tensor in as state.</summary>
internal sealed class TorchParameter
{
    public TorchTensor? Tensor { get; set; }
}
