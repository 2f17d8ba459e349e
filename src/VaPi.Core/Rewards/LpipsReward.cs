using VaPi.Compute;
using VaPi.Shared;
using static TorchSharp.torch;

namespace VaPi.Rewards;

/// <summary>Minus LPIPS, from the published weight files.</summary>
internal sealed class LpipsReward : Reward, ILocalReward
{
    private const string Remedy = "Give torchvision's VGG-16 state dict as the first file and LPIPS 0.1's VGG heads as the second";

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

    public override Device? Device => _heads[0].device;

    public override RewardInputs Inputs => RewardInputs.Targets;

    public override bool IsDifferentiable => true;

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

    private void LoadVgg(string path, Device device)
    {
        var needed = new List<(string Name, long[] Shape)>();
        long from = 3;
        for (int stage = 0; stage < Vgg16.Stages.Count; stage++)
        {
            long to = Vgg16.Channels[stage];
            foreach (int index in Vgg16.Stages[stage])
            {
                needed.Add(($"features.{index}.weight", [to, from, 3, 3]));
                needed.Add(($"features.{index}.bias", [to]));
                from = to;
            }
        }

        Dictionary<string, Tensor> tensors = FrozenNetwork.Read(path, needed, Remedy, device);
        foreach (int index in Vgg16.Stages.SelectMany(stage => stage))
            _convolutions[index] = (tensors[$"features.{index}.weight"], tensors[$"features.{index}.bias"]);
    }

    private void LoadHeads(string path, Device device)
    {
        IReadOnlyList<(string Name, long[] Shape)> needed =
            [.. Vgg16.Channels.Select((channels, layer) => ($"lin{layer}.model.1.weight", new long[] { 1, channels, 1, 1 }))];
        Dictionary<string, Tensor> tensors = FrozenNetwork.Read(path, needed, Remedy, device);
        foreach ((string name, _) in needed)
        {
            using Tensor head = tensors[name];
            _heads.Add(head.flatten().DetachFromDisposeScope());
        }
    }
}
