using System.Globalization;
using System.Text;
using LlamaGen.Models;
using VaPi.Data;
using VaPi.Models.LlamaGen;
using Xunit;
using static TorchSharp.torch;

namespace LlamaGen.Tests.Support;

/// <summary>A folder to work in, files to work on, and the program to run on them.</summary>
public sealed class Workplace : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vapi-llamagen-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public string At(params string[] names) => Path.Combine([_folder, .. names]);

    /// <summary>Runs the program.</summary>
    internal static (int Code, string Output, string Errors) Run(params string[] arguments) => Run(null, arguments);

    /// <summary>Runs the program, and stops it once a step is made.</summary>
    internal static (int Code, string Output, string Errors) RunAndStop(params string[] arguments)
    {
        using var stop = new CancellationTokenSource();
        return Run(stop, arguments);
    }

    /// <summary>Runs the program, which must succeed.</summary>
    internal static string RunWell(params string[] arguments)
    {
        (int code, string output, string errors) = Run(arguments);
        Assert.True(code == 0, $"It ended with {code}: {errors}\n{output}");
        return output;
    }

    /// <summary>Writes a tiny policy whose logits differ from each other; random weights of a fresh start have none.</summary>
    public string TinyPolicy(string name, bool captions = false)
    {
        LlamaGenConfiguration configuration = ModelSizes.Policy(ModelSizes.Tiny, gridSize: 8);
        using LlamaGenPolicy policy = LlamaGenPolicy.Create(captions ? configuration.WithCaptions() : configuration, seed: 3);
        using (no_grad())
        using (NewDisposeScope())
        {
            using var generator = new Generator(5, CPU);
            foreach ((string parameter, TorchSharp.Modules.Parameter value) in policy.NamedParameters())
            {
                if (parameter == "output.weight")
                    value.copy_(randn(value.shape, generator: generator));
            }
        }

        policy.Save(At(name));
        return At(name);
    }

    /// <summary>Writes a folder with some random images in each of two classes.</summary>
    public string Images(int ofEach, int size = 40)
    {
        for (int image = 0; image < 2 * ofEach; image++)
        {
            string folder = At("images", image % 2 == 0 ? "a" : "b");
            Directory.CreateDirectory(folder);
            using var generator = new Generator((ulong)image, CPU);
            using Tensor pixels = rand([3, size, size], generator: generator).mul_(2).sub_(1);
            ImageFile.Save(pixels, Path.Combine(folder, $"{image.ToString(CultureInfo.InvariantCulture)}.png"));
        }

        return At("images");
    }

    /// <summary>Writes caption features as NumPy does: (1, n, 2048), float32.</summary>
    public static void Features(string path, int length, int seed)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var generator = new Generator((ulong)seed, CPU);
        using Tensor values = randn([1, length, 2048], generator: generator);
        string header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': (1, {length.ToString(CultureInfo.InvariantCulture)}, 2048), }}";
        header = header.PadRight((10 + header.Length + 1 + 63) / 64 * 64 - 10 - 1) + "\n";
        using FileStream stream = File.Create(path);
        stream.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)(header.Length & 255), (byte)(header.Length >> 8)]);
        stream.Write(Encoding.ASCII.GetBytes(header));
        stream.Write(values.bytes);
    }

    private static (int Code, string Output, string Errors) Run(CancellationTokenSource? stop, string[] arguments)
    {
        var report = new RecordingReport(stop is null ? null : stop.Cancel);
        using var errors = new StringWriter(CultureInfo.InvariantCulture);
        int code = Application.Run(arguments, report, errors, stop?.Token ?? CancellationToken.None);
        return (code, report.Text, errors.ToString().Trim());
    }
}
