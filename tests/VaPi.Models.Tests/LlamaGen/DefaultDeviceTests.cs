using TorchSharp;
using VaPi.Generation;
using VaPi.Models.LlamaGen;
using VaPi.Models.Tests.Support;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.LlamaGen;

/// <summary>
/// The models on the CPU while libtorch's default device is "meta": whatever they make without naming a device fails, as it would
/// fail on a GPU. The default device is the process's, so nothing else may run.
/// </summary>
[Collection(AloneCollection.Name)]
public sealed class DefaultDeviceTests : IDisposable
{
    private const int Places = 5;
    private const int Width = 12;

    public void Dispose() => set_default_device(CPU);

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void A_policy_trains_and_generates(bool captions, bool checkpointed)
    {
        using DisposeScope scope = NewDisposeScope();
        LlamaGenConfiguration shape = captions ? Toys.PolicyShape with { CaptionPlaces = Places, CaptionWidth = Width } : Toys.PolicyShape;
        using LlamaGenPolicy policy = Toys.Policy(shape);
        policy.CheckpointActivations = checkpointed;
        using Condition condition = captions
            ? new CaptionCondition(rand(2, Places, Width), ones([2, Places], ScalarType.Bool))
            : new ClassCondition([1, ClassCondition.NoClass]);
        Tensor context = zeros([2, Toys.Tokens], ScalarType.Int64);

        set_default_device(META);
        Tensor logits = policy.Head(policy.Features(condition, context, PolicyMode.Training));
        logits.sum().backward();
        using Condition free = condition.Unconditional();
        Tensor tokens = policy.Generate(free, new GenerationOptions { Guidance = 2, TopK = 7, TopP = 0.9 });

        Assert.All([logits, tokens], tensor => Assert.Equal(DeviceType.CPU, tensor.device_type));
        Assert.All(policy.NamedParameters(), named => Assert.Equal(DeviceType.CPU, named.Parameter.grad!.device_type));
    }

    [Fact]
    public void A_tokenizer_encodes_and_decodes()
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaGenTokenizer tokenizer = LlamaGenTokenizer.Create(Toys.TokenizerShape);
        Tensor images = zeros(2, 3, tokenizer.ImageSize.Height, tokenizer.ImageSize.Width);

        set_default_device(META);
        Tensor tokens = tokenizer.Encode(images);
        Tensor decoded = tokenizer.Decode(tokens);

        Assert.All([tokens, decoded], tensor => Assert.Equal(DeviceType.CPU, tensor.device_type));
        Assert.Equal(DeviceType.CPU, tokenizer.Device.type);
    }
}
