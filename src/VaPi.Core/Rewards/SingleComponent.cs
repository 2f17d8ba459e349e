using static TorchSharp.torch;

namespace VaPi.Rewards;

/// <summary>The batch of a reward that has no parts but itself.</summary>
internal static class SingleComponent
{
    public static RewardBatch Batch(string name, Tensor values) => new(values, new Dictionary<string, Tensor> { [name] = values.alias() });
}
