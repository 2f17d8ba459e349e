using TorchSharp;
using VaPi.Checkpoints;
using VaPi.Models.LlamaGen;
using VaPi.Models.Tests.Support;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.LlamaGen;

[Collection(AloneCollection.Name)]
public class LoadingMemoryTests
{
    private const double Megabyte = 1 << 20;

    // What threads, the page cache's bookkeeping and the allocator add.
    private const double Slack = 40;

    [Theory]
    [InlineData("safetensors", ScalarType.Float16, ScalarType.Float32)]
    [InlineData("pt", ScalarType.BFloat16, ScalarType.Float32)]
    [InlineData("pt", ScalarType.Float32, ScalarType.BFloat16)]
    public void Loading_takes_the_model_and_at_most_its_largest_tensor_beside_it(string extension, ScalarType stored, ScalarType loadedAs)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("policy." + extension);
        LlamaGenConfiguration shape = LlamaGenConfiguration.Of(LlamaGenSize.B) with { Layers = 4 };
        WriteZeros(path, shape, stored);
        int bytes = loadedAs == ScalarType.Float32 ? 4 : 2;
        double model = bytes * shape.ParameterCount / Megabyte;
        double largest = bytes * (double)shape.VocabularySize * shape.Width / Megabyte;

        LlamaGenPolicy? loaded = null;
        double growth = PeakMemory.GrowthDuring(() => loaded = LlamaGenPolicy.Load(path, shape, type: loadedAs)) / Megabyte;

        loaded!.Dispose();
        Assert.InRange(growth, model / 2, model + largest + Slack);
    }

    // Each tensor is one number in memory until it is written: a model that had been here would leave memory to be used again.
    private static void WriteZeros(string path, LlamaGenConfiguration shape, ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> tensors = LlamaGenPolicy.Shapes(shape).ToDictionary(tensor => tensor.Name, tensor => zeros([1], type).expand(tensor.Shape));
        if (path.EndsWith(".pt", StringComparison.Ordinal))
            Checkpoint.SaveTorch(path, tensors);
        else
            Checkpoint.Save(path, tensors);
    }
}
