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

    private readonly Lazy<string> _folder = new(() => Directory.CreateTempSubdirectory("vapi-golden-").FullName);
    private string? _vgg16;

    /// <summary>VGG-16 as a safetensors file under torchvision's names; gone when this is disposed.</summary>
    public string Vgg16File
    {
        get
        {
            if (_vgg16 is null)
            {
                string path = Path.Combine(_folder.Value, "vgg16.safetensors");
                WriteVgg16(path);
                _vgg16 = path;
            }

            return _vgg16;
        }
    }

    public void Dispose()
    {
        if (_folder.IsValueCreated)
            Directory.Delete(_folder.Value, recursive: true);
    }

    private static void WriteVgg16(string path)
    {
        var tensors = new Dictionary<string, Tensor>();
        foreach ((int index, int from, int to) in Vgg16)
        {
            string name = $"features.{index}.weight";
            tensors[name] = tensor(Values(name, to * from * 9, Math.Sqrt(6.0 / (9 * from))), [to, from, 3, 3]);
            tensors[$"features.{index}.bias"] = zeros(to);
        }

        Checkpoint.Save(path, tensors);
        foreach (Tensor value in tensors.Values)
            value.Dispose();
    }

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
