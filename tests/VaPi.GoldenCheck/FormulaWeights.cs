using System.Text;
using VaPi.Checkpoints;
using static TorchSharp.torch;

namespace VaPi.GoldenCheck;

/// <summary>Weights that the golden cases define by a formula over the parameter's name, as a file; written once, when first asked for.</summary>
public sealed class FormulaWeights : IDisposable
{
    // torchvision's indices of VGG-16's convolutions, with their channels.
    private static readonly (int Index, int From, int To)[] Vgg16 =
    [
        (0, 3, 64), (2, 64, 64), (5, 64, 128), (7, 128, 128), (10, 128, 256), (12, 256, 256), (14, 256, 256),
        (17, 256, 512), (19, 512, 512), (21, 512, 512), (24, 512, 512), (26, 512, 512), (28, 512, 512),
    ];

    // PatchGAN's convolutions with their channels, and the batch norms that follow three of them.
    private static readonly (int Index, int From, int To, int? Norm)[] PatchGan = [(0, 3, 64, null), (2, 64, 128, 3), (5, 128, 256, 6), (8, 256, 512, 9), (11, 512, 1, null)];

    private readonly Lazy<string> _folder = new(() => Directory.CreateTempSubdirectory("vapi-golden-").FullName);
    private string? _patchGan;
    private string? _vgg16;

    /// <summary>VGG-16 as a safetensors file under torchvision's names; gone when this is disposed.</summary>
    public string Vgg16File => _vgg16 ??= Written("vgg16.safetensors", Vgg16Weights());

    /// <summary>PatchGAN's discriminator as a safetensors file under its published names; gone when this is disposed.</summary>
    public string PatchGanFile => _patchGan ??= Written("patchgan.safetensors", PatchGanWeights());

    public void Dispose()
    {
        if (_folder.IsValueCreated)
            Directory.Delete(_folder.Value, recursive: true);
    }

    private string Written(string name, Dictionary<string, Tensor> tensors)
    {
        string path = Path.Combine(_folder.Value, name);
        Checkpoint.Save(path, tensors);
        foreach (Tensor value in tensors.Values)
            value.Dispose();
        return path;
    }

    private static Dictionary<string, Tensor> Vgg16Weights()
    {
        var tensors = new Dictionary<string, Tensor>();
        foreach ((int index, int from, int to) in Vgg16)
        {
            tensors[$"features.{index}.weight"] = Convolution($"features.{index}.weight", to, from, 3);
            tensors[$"features.{index}.bias"] = zeros(to);
        }

        return tensors;
    }

    private static Dictionary<string, Tensor> PatchGanWeights()
    {
        var tensors = new Dictionary<string, Tensor>();
        foreach ((int index, int from, int to, int? norm) in PatchGan)
        {
            tensors[$"main.{index}.weight"] = Convolution($"main.{index}.weight", to, from, 4);
            if (norm is null)
            {
                tensors[$"main.{index}.bias"] = zeros(to);
                continue;
            }

            tensors[$"main.{norm}.weight"] = ones(to);
            tensors[$"main.{norm}.bias"] = zeros(to);
            tensors[$"main.{norm}.running_mean"] = zeros(to);
            tensors[$"main.{norm}.running_var"] = ones(to);
            tensors[$"main.{norm}.num_batches_tracked"] = zeros([], ScalarType.Int64);
        }

        return tensors;
    }

    private static Tensor Convolution(string name, int to, int from, int kernel) =>
        tensor(Values(name, to * from * kernel * kernel, Math.Sqrt(6.0 / (kernel * kernel * from))), [to, from, kernel, kernel]);

    private static float[] Values(string name, int count, double bound)
    {
        ulong seed = 14695981039346656037;
        foreach (byte part in Encoding.UTF8.GetBytes(name))
            seed = unchecked((seed ^ part) * 1099511628211);
        var values = new float[count];
        for (int index = 0; index < count; index++)
        {
            unchecked
            {
                ulong z = seed + (ulong)(index + 1) * 0x9E3779B97F4A7C15;
                z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
                z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
                z ^= z >> 31;
                values[index] = (float)((2 * ((z >> 11) * (1.0 / (1UL << 53))) - 1) * bound);
            }
        }

        return values;
    }
}
