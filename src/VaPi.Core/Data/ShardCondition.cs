namespace VaPi.Data;

/// <summary>What the images of shards are conditioned on.</summary>
public enum ShardCondition
{
    /// <summary>Captions: features beside the image (<c>.npy</c>, <c>.safetensors</c>) or in a folder of their own.</summary>
    Captions,

    /// <summary>Classes: a number in a <c>.cls</c> member.</summary>
    Classes,

    /// <summary>Nothing.</summary>
    None,
}
