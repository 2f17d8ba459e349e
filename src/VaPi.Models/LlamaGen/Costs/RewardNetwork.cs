namespace VaPi.Models.LlamaGen.Costs;

/// <summary>The network that a reward runs on images, as far as its cost is known.</summary>
public enum RewardNetwork
{
    /// <summary>None: the reward compares pixels.</summary>
    None,

    /// <summary>LPIPS's VGG-16, on the original once and on every sample.</summary>
    Lpips,
}
