using VaPi.Models.LlamaGen.Costs;
using VaPi.Rewards;
using Device = TorchSharp.torch.Device;

namespace LlamaGen.Alignment;

/// <summary>The rewards by name.</summary>
internal static class RewardChoice
{
    public const string Published = "mse+lpips";

    public static IReadOnlyList<string> Names { get; } = [Published, "mae+lpips", "mse", "mae"];

    public static bool NeedsLpips(string name) => name.EndsWith("lpips", StringComparison.Ordinal);

    public static RewardNetwork NetworkOf(string name) => NeedsLpips(name) ? RewardNetwork.Lpips : RewardNetwork.None;

    /// <returns>Belongs to the caller.</returns>
    /// <exception cref="VaPi.Checkpoints.CheckpointException">A file of LPIPS cannot be read.</exception>
    public static Reward Load(AlignOptions options, Recipe recipe, Device device)
    {
        Reward reconstruction = recipe.ReconstructionWeight * (options.Reward.StartsWith("mse", StringComparison.Ordinal) ? Reward.MeanSquaredError() : Reward.MeanAbsoluteError());
        return NeedsLpips(options.Reward)
            ? reconstruction + recipe.PerceptualWeight * Reward.Lpips(options.Vgg!, options.Lpips!, device)
            : reconstruction;
    }
}
