using VaPi.Checkpoints;
using VaPi.Models.LlamaGen;
using VaPi.Rewards;
using static TorchSharp.torch;

namespace VaPi.GoldenCheck;

/// <summary>One folder of golden cases, and the library's models and rewards made from its files.</summary>
public sealed class GoldenFolder : IDisposable
{
    private readonly Dictionary<string, IReadOnlyDictionary<string, Tensor>> _files = [];
    private readonly Dictionary<string, Reward> _lpips = [];
    private readonly FormulaWeights _weights;

    private GoldenFolder(string path, Device device, FormulaWeights weights, ScalarType? type)
    {
        Path = path;
        Device = device;
        Type = type;
        _weights = weights;
        string configuration = File("config.json");
        Configuration = System.IO.File.Exists(configuration) ? GoldenConfiguration.Read(configuration) : null;
    }

    public string Path { get; }

    public Device Device { get; }

    /// <summary>The type of the policy's weights; float32 if null.</summary>
    public ScalarType? Type { get; }

    /// <summary>Null in the folder of metrics.</summary>
    public GoldenConfiguration? Configuration { get; }

    /// <param name="path">The folder.</param>
    /// <param name="device">Where everything of it goes.</param>
    /// <param name="weights">Shared by folders; stays the caller's.</param>
    /// <param name="type">The type of the policy's weights; float32 if null.</param>
    public static GoldenFolder Open(string path, Device device, FormulaWeights weights, ScalarType? type = null) => new(path, device, weights, type);

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public bool Has(string name) => System.IO.File.Exists(File(name));

    /// <summary>A file's tensors, on the folder's device; they stay the folder's.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors(string name)
    {
        if (!_files.TryGetValue(name, out IReadOnlyDictionary<string, Tensor>? tensors))
        {
            var placed = new Dictionary<string, Tensor>();
            foreach ((string key, Tensor tensor) in Checkpoint.Load(File(name)))
                placed.Add(key, Placed(tensor).DetachFromDisposeScope()); // whichever check asked first
            _files.Add(name, tensors = placed);
        }

        return tensors;
    }

    public LlamaGenConfiguration PolicyConfiguration => new()
    {
        Width = Configuration!.Dim,
        Layers = Configuration.Layers,
        Heads = Configuration.Heads,
        VocabularySize = Configuration.Vocab,
        GridSize = Configuration.Grid,
        Classes = Configuration.Classes,
        FeedForwardMultiple = Configuration.MultipleOf,
    };

    public LlamaGenPolicy LoadPolicy(string name = "gpt_c2i.pt") => LlamaGenPolicy.Load(File(name), PolicyConfiguration, Device, Type);

    public LlamaGenTokenizer LoadTokenizer() => LlamaGenTokenizer.Load(
        File("vq.pt"),
        new LlamaGenTokenizerConfiguration
        {
            ImageSize = Configuration!.Image,
            BaseChannels = 32,
            ChannelMultipliers = Configuration.ChannelMultipliers,
            ResidualBlocks = 1,
            LatentChannels = 32,
            CodebookSize = Configuration.Vocab,
        },
        Device);

    /// <summary>LPIPS with VGG-16's weights by the formula and the heads of the named file; stays the folder's.</summary>
    public Reward Lpips(string heads = "lpips_lin_legacy.pth")
    {
        if (!_lpips.TryGetValue(heads, out Reward? lpips))
            _lpips.Add(heads, lpips = Reward.Lpips(_weights.Vgg16File, File(heads), Device));
        return lpips;
    }

    /// <summary>PatchGAN with weights by the formula; belongs to the caller.</summary>
    public PatchGanReward LoadPatchGan() => Reward.PatchGan(_weights.PatchGanFile, Device);

    public void Dispose()
    {
        foreach (Reward lpips in _lpips.Values)
            lpips.Dispose();
        foreach (Tensor tensor in _files.Values.SelectMany(file => file.Values))
            tensor.Dispose();
    }

    private Tensor Placed(Tensor tensor)
    {
        if (Device.type == TorchSharp.DeviceType.CPU)
            return tensor;
        using (tensor)
            return tensor.to(Device);
    }
}
