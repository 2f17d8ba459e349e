using TorchSharp;
using VaPi.Checkpoints;
using VaPi.Tests.Checkpoints.Support;
using static TorchSharp.torch;

namespace VaPi.Tests.Rewards;

/// <summary>
/// PatchGAN discriminators as files, and the same network put together of TorchSharp's own modules, with weights and running
/// statistics that make every part of it count.
/// </summary>
public sealed class DiscriminatorFiles : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, Tensor> _tensors = [];

    public DiscriminatorFiles()
    {
        using DisposeScope scope = NewDisposeScope();
        using var generator = new Generator(31, CPU);
        (string Name, nn.Module<Tensor, Tensor> Layer)[] layers =
        [
            ("0", nn.Conv2d(3, 64, 4, stride: 2, padding: 1)), ("1", nn.LeakyReLU(0.2)),
            ("2", nn.Conv2d(64, 128, 4, stride: 2, padding: 1, bias: false)), ("3", nn.BatchNorm2d(128, eps: 1e-5)), ("4", nn.LeakyReLU(0.2)),
            ("5", nn.Conv2d(128, 256, 4, stride: 2, padding: 1, bias: false)), ("6", nn.BatchNorm2d(256, eps: 1e-5)), ("7", nn.LeakyReLU(0.2)),
            ("8", nn.Conv2d(256, 512, 4, stride: 1, padding: 1, bias: false)), ("9", nn.BatchNorm2d(512, eps: 1e-5)), ("10", nn.LeakyReLU(0.2)),
            ("11", nn.Conv2d(512, 1, 4, stride: 1, padding: 1)),
        ];
        Network = nn.Sequential(layers);
        Network.eval();
        using (no_grad())
        {
            foreach ((string name, Tensor tensor) in Network.state_dict())
            {
                if (name.EndsWith("num_batches_tracked", StringComparison.Ordinal))
                    tensor.fill_(7);
                else if (tensor.dim() == 4)
                    tensor.copy_(randn(tensor.shape, generator: generator) * Math.Sqrt(1.0 / (16 * tensor.shape[1])));
                else
                    tensor.copy_(rand(tensor.shape, generator: generator) + (name.EndsWith("bias", StringComparison.Ordinal) || name.EndsWith("mean", StringComparison.Ordinal) ? -0.5 : 0.3));
                _tensors.Add($"main.{name}", tensor.detach().clone().DetachFromDisposeScope());
            }
        }
    }

    public nn.Module<Tensor, Tensor> Network { get; }

    /// <summary>A file with the network's tensors in a dictionary of the given name, changed as asked.</summary>
    public string Write(string folder = "", Action<Dictionary<string, Tensor>>? change = null, ScalarType? storeAs = null)
    {
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> tensors = _tensors.ToDictionary(tensor => folder + tensor.Key, tensor => tensor.Value);
        change?.Invoke(tensors);
        string path = _folder.File($"{Guid.NewGuid():N}.safetensors");
        Checkpoint.Save(path, tensors, storeAs: storeAs);
        return path;
    }

    public void Dispose()
    {
        Network.Dispose();
        foreach (Tensor tensor in _tensors.Values)
            tensor.Dispose();
        _folder.Dispose();
    }
}
