using VaPi.Models.LlamaGen;
using VaPi.Native;
using VaPi.Rewards;
using static TorchSharp.torch;

namespace Documents;

/// <summary>The code of <c>docs/cuda.md</c> and <c>docs/native-backends.md</c>. Compiled, not run: neither card nor files are here.</summary>
internal static class CudaSnippets
{
    public static void Place()
    {
        #region cuda-placement
        var device = ComputeDevice.Parse("cuda");
        TensorFloat32.IsAllowed = true;

        using var tokenizer = LlamaGenTokenizer.Load("vq_ds16_c2i.pt", imageSize: 384, device);
        using var policy = LlamaGenPolicy.Load("c2i_XXL_384.pt", LlamaGenSize.XXL, device: device, type: ScalarType.BFloat16);
        using var reward = Reward.MeanSquaredError() + Reward.Lpips("vgg16.pth", "lpips_lin.pth", device);
        #endregion
    }

    public static void Choose()
    {
        #region native-folder
        LibTorchInstallation libtorch = LibTorch.UseFolder("/opt/env/lib/python3.12/site-packages/torch/lib");
        Console.WriteLine($"libtorch {libtorch.Version}{(libtorch.HasCuda ? " for CUDA" : "")}, from {libtorch.Folder}");
        #endregion
    }
}
