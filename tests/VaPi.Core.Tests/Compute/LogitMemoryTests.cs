using TorchSharp;
using VaPi.Compute;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VaPi.Tests.Compute;

[Collection(AloneCollection.Name)]
public class LogitMemoryTests
{
    private const int Images = 8;
    private const int GroupSize = 64;
    private const int Positions = 64;
    private const int Vocabulary = 16384;
    private const int Width = 4;
    private const double Megabyte = 1 << 20;

    [Fact]
    public void The_logits_of_every_sample_never_exist()
    {
        using DisposeScope scope = NewDisposeScope();
        using var generator = new Generator(9, CPU);
        Tensor weight = randn([Vocabulary, Width], generator: generator).requires_grad_();
        Tensor features = randn([Images, Positions, Width], generator: generator);
        Tensor samples = randint(Vocabulary, [Images, GroupSize, Positions], ScalarType.Int64, generator: generator);
        Tensor truth = samples.select(1, 0).contiguous();
        int chunkLength = PositionChunks.DefaultLength(Images, Vocabulary);
        Tensor Head(Tensor input) => F.linear(input, weight);

        double peak = PeakMemory.GrowthDuring(() =>
        {
            using DisposeScope running = NewDisposeScope();
            GroupSampling.Draw(Head, features, rand([Images, Positions, GroupSize], generator: generator), null, 0.9, 0, 1, chunkLength);
            (Tensor sampled, Tensor? ofTruth) = GroupLogProbabilities.Evaluate(Head, features, samples, truth, 0.9, null, chunkLength);
            GroupGradient.Backward(Head, features, samples, ones_like(sampled), truth, ones_like(ofTruth!), 0.9, null, chunkLength);
        }) / Megabyte;

        // One tensor of the logits of all samples would be 2 GB; a chunk's logits are 16 MB, of which a few exist at a time.
        Assert.InRange(peak, 0, 256);
    }

    [Fact]
    public void The_measurement_sees_a_tensor_that_is_gone_afterwards()
    {
        double peak = PeakMemory.GrowthDuring(() => ones(400 << 18).Dispose()) / Megabyte;

        Assert.InRange(peak, 300, 1000);
    }
}
