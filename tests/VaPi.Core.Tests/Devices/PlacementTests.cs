using VaPi.Alignment;
using VaPi.Native;
using VaPi.Rewards;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;
using Device = TorchSharp.torch.Device;

namespace VaPi.Tests.Devices;

/// <summary>What can be told of devices where there is only the CPU.</summary>
public sealed class PlacementTests
{
    [Fact]
    public void Parts_on_another_device_than_the_policys_are_named_together_with_what_to_do()
    {
        using var world = new ToyWorld();
        using var tokenizer = new ToyTokenizer { Device = META };
        using var reward = new ToyReward((_, _) => null, "elsewhere", device: new Device(TorchSharp.DeviceType.CUDA, 1));
        AlignmentTrainerBuilder builder = world.Builder().WithTokenizer(tokenizer).WithReward(Reward.MeanSquaredError() + reward);

        string message = Assert.Throws<InvalidOperationException>(builder.Build).Message;

        Assert.Contains("The tokenizer is on the device meta but the policy on cpu; they must be on the same.", message, StringComparison.Ordinal);
        Assert.Contains("The reward 'elsewhere' is on the device cuda:1 but the policy on cpu", message, StringComparison.Ordinal);
        Assert.Contains("device: ComputeDevice.Parse(\"cpu\")", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parts_on_the_policys_device_or_that_do_not_say_fit()
    {
        using var world = new ToyWorld();
        using var tokenizer = new ToyTokenizer { Device = CPU };
        using var reward = new ToyReward((_, _) => null);

        using AlignmentTrainer trainer = world.Builder().WithTokenizer(tokenizer).WithReward(reward).Build();

        Assert.Equal(0, trainer.StepsDone);
    }

    [Theory]
    [InlineData(-1, 0, true)]
    [InlineData(0, 0, true)]
    [InlineData(-1, 1, false)]
    public void A_GPU_without_a_number_is_the_first(int left, int right, bool same)
    {
        Assert.Equal(same, ComputeDevice.AreSame(new Device(TorchSharp.DeviceType.CUDA, left), new Device(TorchSharp.DeviceType.CUDA, right)));
        Assert.False(ComputeDevice.AreSame(CPU, new Device(TorchSharp.DeviceType.CUDA, right)));
    }

    [Theory]
    [InlineData("gpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cuda:x")]
    [InlineData("")]
    public void A_name_that_is_no_devices_is_an_error_with_the_names_that_are(string name)
    {
        var error = Assert.Throws<ArgumentException>(() => ComputeDevice.Parse(name));

        Assert.False(ComputeDevice.IsName(name));
        Assert.StartsWith($"The device is '{name}'; it must be 'cpu', 'cuda', or 'cuda:' and a number", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_CUDA_the_error_names_the_packages_and_the_variable()
    {
        Assert.Equal(TorchSharp.DeviceType.CPU, ComputeDevice.Parse("cpu").type);
        Assert.All(["cpu", "cuda", "cuda:1"], name => Assert.True(ComputeDevice.IsName(name)));
        if (cuda.is_available())
        {
            Assert.Contains("The device is 'cuda:1000', but there", Assert.Throws<LibTorchException>(() => ComputeDevice.Parse("cuda:1000")).Message, StringComparison.Ordinal);
            return;
        }

        var error = Assert.Throws<LibTorchException>(() => ComputeDevice.Parse("cuda:1"));

        Assert.Matches("The device is 'cuda:1', (but libtorch in '.+' is for the CPU only|and libtorch in '.+' has CUDA)", error.Message);
        if (error.Message.Contains("CPU only", StringComparison.Ordinal))
        {
            Assert.Contains("TorchSharp-cuda-linux", error.Message, StringComparison.Ordinal);
            Assert.Contains("VAPI_LIBTORCH", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void An_upload_to_the_CPU_is_a_copy_and_a_move_is_none()
    {
        using Tensor source = arange(6, ScalarType.Float32).view(2, 3);

        using Tensor copy = Upload.Copy(source, CPU);
        copy.fill_(9);
        using Tensor moved = Upload.Move(source.clone(), META);

        Assert.Equal([0f, 1f, 2f, 3f, 4f, 5f], source.data<float>().ToArray());
        Assert.Same(source, Upload.Move(source, CPU));
        Assert.Equal(TorchSharp.DeviceType.META, moved.device_type);
    }

    [Fact]
    public void TF32_is_one_switch_for_products_and_convolutions()
    {
        (bool products, bool convolutions) = (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32);
        try
        {
            TensorFloat32.IsAllowed = true;
            Assert.True(TensorFloat32.IsAllowed && backends.cuda.matmul.allow_tf32 && backends.cudnn.allow_tf32);
            TensorFloat32.IsAllowed = false;
            Assert.False(TensorFloat32.IsAllowed || backends.cuda.matmul.allow_tf32 || backends.cudnn.allow_tf32);
        }
        finally
        {
            (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32) = (products, convolutions);
        }
    }
}
