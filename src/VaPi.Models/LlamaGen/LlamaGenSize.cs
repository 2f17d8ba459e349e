namespace VaPi.Models.LlamaGen;

/// <summary>The published sizes of LlamaGen's generator.</summary>
public enum LlamaGenSize
{
    /// <summary>111 M parameters.</summary>
    B,

    /// <summary>343 M parameters.</summary>
    L,

    /// <summary>775 M parameters.</summary>
    XL,

    /// <summary>1.4 B parameters.</summary>
    XXL,

    /// <summary>3.9 B parameters.</summary>
    XXXL,

    /// <summary>1 B parameters, Llama's own proportions.</summary>
    Billion1,

    /// <summary>3 B parameters, Llama's own proportions.</summary>
    Billion3,

    /// <summary>7 B parameters, Llama's own proportions.</summary>
    Billion7,
}
