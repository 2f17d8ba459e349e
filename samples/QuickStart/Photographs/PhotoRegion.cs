namespace QuickStart.Photographs;

/// <summary>The part that a tile of a photograph plays; no pixel plays two.</summary>
internal enum PhotoRegion
{
    /// <summary>The small models were trained on these tiles (half of each photograph).</summary>
    Training,

    /// <summary>Alignment draws from these (a quarter).</summary>
    Alignment,

    /// <summary>Only measured on, never trained on (a quarter).</summary>
    Evaluation,
}
