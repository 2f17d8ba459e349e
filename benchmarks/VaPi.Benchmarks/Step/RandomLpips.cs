using TorchSharp;
using VaPi.Checkpoints;
using VaPi.Rewards;
using static TorchSharp.torch;

namespace VaPi.Benchmarks.Step;

/// <summary>The library's LPIPS on random weights, which cost what the published ones do.</summary>
internal static class RandomLpips
{
    private static readonly (int Index, int From, int To)[] Convolutions =
    [
        (0, 3, 64), (2, 64, 64), (5, 64, 128), (7, 128, 128), (10, 128, 256), (12, 256, 256), (14, 256, 256), (17, 256, 512), (19, 512, 512),
        (21, 512, 512), (24, 512, 512), (26, 512, 512), (28, 512, 512),
    ];

    private static readonly int[] Layers = [64, 128, 256, 512, 512];

    /// <param name="device">Where the weights go; the CPU if null.</param>
    /// <returns>Belongs to the caller.</returns>
    public static Reward Create(Device? device = null)
    {
        using DisposeScope scope = NewDisposeScope();
        var network = new Dictionary<string, Tensor>();
        foreach ((int index, int from, int to) in Convolutions)
        {
            network.Add($"features.{index}.weight", randn(to, from, 3, 3) * Math.Sqrt(2.0 / (9 * from)));
            network.Add($"features.{index}.bias", zeros(to));
        }

        var heads = Layers.Select((channels, layer) => KeyValuePair.Create($"lin{layer}.model.1.weight", rand(1, channels, 1, 1))).ToDictionary();
        DirectoryInfo folder = Directory.CreateTempSubdirectory("vapi-lpips-");
        try
        {
            string networkPath = Path.Combine(folder.FullName, "vgg.safetensors");
            string headsPath = Path.Combine(folder.FullName, "heads.safetensors");
            Checkpoint.Save(networkPath, network);
            Checkpoint.Save(headsPath, heads);
            return Reward.Lpips(networkPath, headsPath, device);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
