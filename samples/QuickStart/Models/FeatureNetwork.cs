using TorchSharp;
using TorchSharp.Modules;
using VaPi.Checkpoints;
using VaPi.Rewards;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace QuickStart.Models;

/// <summary>
/// A small convolutional classifier of the photographs. Its layers give the perceptual reward, its last features the
/// Frechet distance: it stands in for VGG-16 and Inception-v3, whose weights cannot be shipped.
/// </summary>
internal sealed class FeatureNetwork : IFeatureExtractor, IDisposable
{
    public const int FeatureCount = 64;

    private static readonly int[] Channels = [16, 32, 48, FeatureCount];

    private readonly Dictionary<string, Parameter> _parameters = [];

    private FeatureNetwork()
    {
    }

    /// <summary>The classes it tells apart.</summary>
    public int Classes => (int)_parameters["classifier.bias"].shape[0];

    public IEnumerable<(string Name, Parameter Parameter)> NamedParameters => _parameters.Select(pair => (pair.Key, pair.Value));

    public static FeatureNetwork Create(int classes, long seed)
    {
        using var generator = new Generator((ulong)seed);
        var network = new FeatureNetwork();
        long from = 3;
        for (int layer = 0; layer < Channels.Length; layer++)
        {
            network.Add($"convolutions.{layer}.weight", randn([Channels[layer], from, 3, 3], generator: generator) * Math.Sqrt(2.0 / (9 * from)));
            network.Add($"convolutions.{layer}.bias", zeros(Channels[layer]));
            from = Channels[layer];
        }

        network.Add("classifier.weight", randn([classes, from], generator: generator) * 0.1);
        network.Add("classifier.bias", zeros(classes));
        return network;
    }

    /// <exception cref="InvalidDataException">The file holds another network.</exception>
    public static FeatureNetwork Load(string path)
    {
        var network = new FeatureNetwork();
        using CheckpointReader checkpoint = CheckpointReader.Open(path);
        foreach (TensorEntry entry in checkpoint.Entries)
            network.Add(entry.Name, checkpoint.Read(entry.Name, ScalarType.Float32), trainable: false);
        string[] expected = [.. Enumerable.Range(0, Channels.Length).Select(layer => $"convolutions.{layer}"), "classifier"];
        return network._parameters.Keys.ToHashSet().SetEquals(expected.SelectMany(name => new[] { $"{name}.weight", $"{name}.bias" }))
            ? network
            : throw new InvalidDataException($"'{path}' is not the sample's feature network. Take the file that came with the sample, or make one with --train-base.");
    }

    public void Save(string path) =>
        Checkpoint.Save(path, _parameters.Select(pair => KeyValuePair.Create(pair.Key, (Tensor)pair.Value)), storeAs: ScalarType.Float16);

    /// <inheritdoc/>
    public IReadOnlyList<Tensor> Extract(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        var layers = new List<Tensor>();
        Tensor hidden = images;
        for (int layer = 0; layer < Channels.Length; layer++)
        {
            if (layer > 0)
                hidden = F.avg_pool2d(hidden, 2L);
            hidden = F.relu(F.conv2d(hidden, _parameters[$"convolutions.{layer}.weight"], _parameters[$"convolutions.{layer}.bias"], padding: [1, 1]));
            layers.Add(hidden.MoveToOuterDisposeScope());
        }

        return layers;
    }

    /// <param name="images">(N, 3, H, W) in [-1, 1].</param>
    /// <returns>(N, 64): the last layer, averaged over space.</returns>
    public Tensor Pooled(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        return Extract(images)[^1].mean([2, 3]).MoveToOuterDisposeScope();
    }

    /// <returns>(N, classes): logits.</returns>
    public Tensor Classify(Tensor images)
    {
        using DisposeScope scope = NewDisposeScope();
        return F.linear(Pooled(images), _parameters["classifier.weight"], _parameters["classifier.bias"]).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        foreach (Parameter parameter in _parameters.Values)
            parameter.Dispose();
    }

    private void Add(string name, Tensor value, bool trainable = true)
    {
        var parameter = new Parameter(value, trainable);
        parameter.DetachFromDisposeScope();
        _parameters.Add(name, parameter);
    }
}
