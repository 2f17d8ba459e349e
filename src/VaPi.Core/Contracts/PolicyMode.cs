namespace VaPi;

/// <summary>Whether a policy's forward pass is deterministic or draws dropout.</summary>
public enum PolicyMode
{
    /// <summary>No dropout of any kind.</summary>
    Evaluation,

    /// <summary>Dropout of activations and of the condition, as the policy was trained; drawn from TorchSharp's global generator.</summary>
    Training,
}
