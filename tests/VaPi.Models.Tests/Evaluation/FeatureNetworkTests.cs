using TorchSharp;
using VaPi.Checkpoints;
using VaPi.Evaluation.Features;
using VaPi.GoldenCheck;
using VaPi.Models.Tests.Support;
using Xunit;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VaPi.Models.Tests.Evaluation;

public sealed class FeatureNetworkTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_functions_result_may_be_what_it_was_given()
    {
        using Tensor features = randn(4, 3);
        var network = new FeatureFunction("same", images => images);
        network.Extract(features).Dispose();
        using ImageFeatures again = network.Extract(features);
        Same.AssertExact(features, again.Pooled);
        Assert.Null(again.Probabilities);
    }

    [Fact]
    public void Vgg16_gives_relu5_3_averaged_over_space()
    {
        using DisposeScope scope = NewDisposeScope();
        using var weights = new FormulaWeights();
        using Vgg16 network = Vgg16.Load(weights.Vgg16File);
        Tensor images = Pixels(2, 32, 48);

        using ImageFeatures features = network.Extract(images);

        IReadOnlyDictionary<string, Tensor> tensors = Checkpoint.Load(weights.Vgg16File);
        Tensor hidden = ((images + 1) / 2 - tensor(new[] { 0.485f, 0.456f, 0.406f }).view(3, 1, 1)) / tensor(new[] { 0.229f, 0.224f, 0.225f }).view(3, 1, 1);
        int convolutions = 0;
        foreach (object layer in new object[] { 0, 2, 'M', 5, 7, 'M', 10, 12, 14, 'M', 17, 19, 21, 'M', 24, 26, 28 }) // torchvision's numbering
        {
            hidden = layer is int index ? F.relu(F.conv2d(hidden, tensors[$"features.{index}.weight"], tensors[$"features.{index}.bias"], padding: [1, 1])) : F.max_pool2d(hidden, 2L, stride: 2L);
            convolutions += layer is int ? 1 : 0;
        }

        Assert.Equal(13, convolutions);
        Assert.Equal([2, Vgg16.FeatureCount], features.Pooled.shape);
        Assert.True(features.Pooled.std().item<float>() > 1e-4);
        Same.AssertClose(hidden.mean([2, 3]), features.Pooled, 1e-5);
        Assert.Contains("16x16", Assert.Throws<ArgumentException>(() => network.Extract(Pixels(1, 15, 20))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Inception_has_torchvisions_number_of_parameters()
    {
        // 27,161,264 as published, less 3,326,696 of the auxiliary classifier.
        long convolutions = InceptionLayout.Convolutions.Sum(layer => (layer.To * layer.From * layer.Height * layer.Width) + (2 * layer.To));
        Assert.Equal(27_161_264 - 3_326_696, convolutions + (InceptionLayout.FeatureCount + 1) * 1000);
        Assert.Equal(94, InceptionLayout.Convolutions.Count);
    }

    [Fact]
    public void Inception_tells_its_two_files_apart_and_gives_all_features()
    {
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> common = InceptionWeights();
        using InceptionV3 published = Load("fid.safetensors", 1008, 0);
        using InceptionV3 otherBias = Load("bias.safetensors", 1008, 5);
        using InceptionV3 torchvision = Load("torchvision.safetensors", 1000, 5);
        Tensor images = Pixels(1, 40, 56);
        using ImageFeatures ofPublished = published.Extract(images);
        using ImageFeatures ofOther = otherBias.Extract(images);
        using ImageFeatures ofTorchvision = torchvision.Extract(images);

        Assert.True(published.IsFidVariant && !torchvision.IsFidVariant);
        Assert.Equal([1, 2048], ofPublished.Pooled.shape);
        Assert.Equal([1, 17 * 17 * 7], ofPublished.Spatial!.shape);
        Assert.Equal([1, 1008], ofPublished.Probabilities!.shape);
        Assert.Equal([1, 1000], ofTorchvision.Probabilities!.shape);
        Assert.All(new[] { ofPublished, ofTorchvision }, features => Assert.Equal(1, features.Probabilities!.sum().item<float>(), 1e-4));

        // The bias of the last layer counts in torchvision's network only; the pools differ.
        Same.AssertExact(ofPublished.Probabilities, ofOther.Probabilities!);
        Same.AssertClose((ofTorchvision.Pooled.matmul(common["fc"].narrow(0, 0, 1000).t()) + (arange(1000, ScalarType.Float32) * (5.0 / 1000)).to(ScalarType.Float16).to(ScalarType.Float32)).softmax(1), ofTorchvision.Probabilities!, 1e-5);
        Assert.True((ofPublished.Pooled - ofTorchvision.Pooled).abs().max().item<float>() > 1e-3);

        InceptionV3 Load(string name, int outputs, double bias)
        {
            var tensors = common.Where(pair => pair.Key != "fc").ToDictionary();
            tensors["fc.weight"] = common["fc"].narrow(0, 0, outputs);
            tensors["fc.bias"] = arange(outputs, ScalarType.Float32) * (bias / outputs);
            Checkpoint.Save(_folder.File(name), tensors, storeAs: ScalarType.Float16);
            return InceptionV3.Load(_folder.File(name), InceptionInput.HalfPixel);
        }
    }

    [Fact]
    public void Files_of_another_network_are_refused_with_what_is_missing()
    {
        string path = _folder.File("other.safetensors");
        using Tensor weight = ones(4, 3, 3, 3);
        Checkpoint.Save(path, [KeyValuePair.Create("features.0.weight", weight)]);
        Assert.Contains("'features.0.weight' is (4, 3, 3, 3)", Assert.Throws<CheckpointException>(() => Vgg16.Load(path)).Message, StringComparison.Ordinal);
        string message = Assert.Throws<CheckpointException>(() => InceptionV3.Load(path)).Message;
        Assert.Contains("'Conv2d_1a_3x3.conv.weight' (32, 3, 3, 3) is missing", message, StringComparison.Ordinal);
        Assert.Contains("more", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_are_resized_corner_to_corner_as_TensorFlow_did()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = Pixels(1, 20, 50);
        Tensor resized = InceptionResize.Apply(images, InceptionInput.Bytes);
        Assert.Equal([1, 3, 299, 299], resized.shape);
        foreach ((int row, int column) in new[] { (0, 0), (298, 298), (17, 250), (150, 3) })
        {
            (double y, double x) = (row * 20.0 / 299, column * 50.0 / 299);
            double Byte(int i, int j) => Math.Floor(Math.Clamp(127.5 * images[0, 1, Math.Min(i, 19), Math.Min(j, 49)].item<float>() + 128, 0, 255));
            double Row(int i) => Byte(i, (int)x) + (x - (int)x) * (Byte(i, (int)x + 1) - Byte(i, (int)x));
            double expected = (Row((int)y) + (y - (int)y) * (Row((int)y + 1) - Row((int)y)) - 128) / 128;
            Assert.Equal(expected, resized[0, 1, row, column].item<float>(), 1e-5);
        }
    }

    [Fact]
    public void A_TorchScript_file_is_a_network()
    {
        using DisposeScope scope = NewDisposeScope();
        string path = _folder.File("brightness.pt");
        ScriptedModule.Write(path, "return torch.mean(x, [2, 3])");
        using TorchScriptNetwork network = TorchScriptNetwork.Load(path, images => images * 2);
        Tensor images = Pixels(4, 5, 6);

        using ImageFeatures features = network.Extract(images);

        Same.AssertClose((images * 2).mean([2, 3]), features.Pooled, 1e-6);
        Assert.Equal("brightness", network.Name);
    }

    [Fact]
    public void Feature_maps_of_a_TorchScript_file_are_averaged_and_other_results_refused()
    {
        using DisposeScope scope = NewDisposeScope();
        (string maps, string number) = (_folder.File("maps.pt"), _folder.File("number.pt"));
        ScriptedModule.Write(maps, "return torch.mul(x, x)");
        ScriptedModule.Write(number, "return torch.mean(x)");
        Tensor images = Pixels(2, 4, 4);
        using TorchScriptNetwork network = TorchScriptNetwork.Load(maps);
        using ImageFeatures features = network.Extract(images);
        Same.AssertClose(images.square().mean([2, 3]), features.Pooled, 1e-6);
        using TorchScriptNetwork wrong = TorchScriptNetwork.Load(number);
        Assert.Contains("'number'", Assert.Throws<InvalidDataException>(() => wrong.Extract(images)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_weight_that_is_a_number_is_no_network_of_either_kind()
    {
        using Tensor number = tensor(1f);
        string path = _folder.File("number.safetensors");
        Checkpoint.Save(path, [new("fc.weight", number)]);
        Assert.Contains("is missing", Assert.Throws<CheckpointException>(() => InceptionV3.Load(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_TorchScript_file_is_named()
    {
        string path = _folder.File("text.pt");
        File.WriteAllText(path, "not a network");
        Assert.Contains("text.pt", Assert.Throws<InvalidDataException>(() => TorchScriptNetwork.Load(path)).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => TorchScriptNetwork.Load(_folder.File("nothing.pt")));
    }

    public void Dispose() => _folder.Dispose();

    private static Tensor Pixels(int count, int height, int width)
    {
        using var generator = new Generator(7);
        return rand([count, 3, height, width], generator: generator).mul_(2).sub_(1);
    }

    // Values that keep features of about one through 94 layers, and norms that are none of 0 and 1.
    private static Dictionary<string, Tensor> InceptionWeights()
    {
        using var generator = new Generator(3);
        var tensors = new Dictionary<string, Tensor> { ["fc"] = (randn([1008, 2048], generator: generator) * 0.05).to(ScalarType.Float16).to(ScalarType.Float32) }; // as it is stored
        foreach (InceptionConvolution layer in InceptionLayout.Convolutions)
        {
            double deviation = Math.Sqrt(2.0 / (layer.From * layer.Height * layer.Width));
            tensors[$"{layer.Name}.conv.weight"] = randn([layer.To, layer.From, layer.Height, layer.Width], generator: generator) * deviation;
            tensors[$"{layer.Name}.bn.weight"] = rand([layer.To], generator: generator) * 0.4 + 0.8;
            tensors[$"{layer.Name}.bn.bias"] = randn([layer.To], generator: generator) * 0.1;
            tensors[$"{layer.Name}.bn.running_mean"] = randn([layer.To], generator: generator) * 0.1;
            tensors[$"{layer.Name}.bn.running_var"] = rand([layer.To], generator: generator) * 0.4 + 0.8;
        }

        return tensors;
    }
}
