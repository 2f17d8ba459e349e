using VaPi.Checkpoints;
using VaPi.Compute;
using static TorchSharp.torch;

namespace VaPi.Rewards;

/// <summary>Minus LPIPS, from the published weight files.</summary>
internal sealed class LpipsReward : Reward, ILocalReward
{
    private readonly Dictionary<int, (Tensor Weight, Tensor Bias)> _convolutions = [];
    private readonly List<Tensor> _heads = [];

    public LpipsReward(string vggPath, string headsPath, Device device)
    {
        try
        {
            LoadVgg(vggPath, device);
            LoadHeads(headsPath, device);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override string Name => "lpips";

    public override RewardInputs Inputs => RewardInputs.Targets;

    public override IRewardScorer Prepare(Tensor? targets, Condition condition) => Scorer(targets);

    public ILocalRewardScorer PrepareLocal(Tensor? targets, Condition condition) => Scorer(targets);

    private PerceptualScorer Scorer(Tensor? targets) =>
        new(Name, Required(targets), images => Vgg16.Features(images, _convolutions), _heads);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach ((Tensor weight, Tensor bias) in _convolutions.Values)
            {
                weight.Dispose();
                bias.Dispose();
            }

            foreach (Tensor head in _heads)
                head.Dispose();
        }

        base.Dispose(disposing);
    }

    private static Tensor Read(CheckpointReader file, string path, string name, params long[] shape)
    {
        TensorEntry? entry = file.Entries.FirstOrDefault(entry => entry.Name == name);
        if (entry is null || !entry.Shape.SequenceEqual(shape))
        {
            string found = entry is null ? "is missing" : $"is ({string.Join(", ", entry.Shape)})";
            throw new CheckpointException(
                path, $"'{name}' {found}", $"({string.Join(", ", shape)})", "Give torchvision's VGG-16 state dict as the first file and LPIPS 0.1's VGG heads as the second");
        }

        return file.Read(name, ScalarType.Float32);
    }

    private static Tensor Placed(Tensor tensor, Device device)
    {
        using (tensor)
            return tensor.to(device, copy: true).DetachFromDisposeScope();
    }

    private void LoadVgg(string path, Device device)
    {
        using CheckpointReader file = CheckpointReader.Open(path);
        long from = 3;
        for (int stage = 0; stage < Vgg16.Stages.Count; stage++)
        {
            long to = Vgg16.Channels[stage];
            foreach (int index in Vgg16.Stages[stage])
            {
                Tensor weight = Placed(Read(file, path, $"features.{index}.weight", to, from, 3, 3), device);
                _convolutions[index] = (weight, Placed(Read(file, path, $"features.{index}.bias", to), device));
                from = to;
            }
        }
    }

    private void LoadHeads(string path, Device device)
    {
        using CheckpointReader file = CheckpointReader.Open(path);
        for (int layer = 0; layer < Vgg16.Channels.Count; layer++)
        {
            long channels = Vgg16.Channels[layer];
            using Tensor head = Placed(Read(file, path, $"lin{layer}.model.1.weight", 1, channels, 1, 1), device);
            _heads.Add(head.view(channels).DetachFromDisposeScope());
        }
    }
}
