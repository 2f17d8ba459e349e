namespace VaPi.Alignment.Runs;

/// <summary>What the files of a checkpoint are called.</summary>
internal static class CheckpointFiles
{
    /// <summary>The trained weights, as precisely as there are.</summary>
    public const string Policy = "policy.safetensors";

    /// <summary>All that is learned and random beside the weights.</summary>
    public const string Trainer = "trainer.safetensors";

    /// <summary>Of which run it is, and where in it.</summary>
    public const string Manifest = "manifest.json";

    /// <summary>The SHA-256 of the others, as the program sha256sum writes and checks it.</summary>
    public const string Checksums = "SHA256SUMS";
}
