using VaPi.Fuzz.Cases;

namespace VaPi.Fuzz.Readers;

/// <summary>
/// Every reader of files in the library. What reads networks for features and LPIPS goes through the same code as PatchGAN's, and is
/// left out for its hundreds of megabytes; TorchScript files are programs, and not to be read unless they are trusted.
/// </summary>
internal static class AllReaders
{
    private static readonly Dictionary<string, Func<FileReader>> Makers = new(StringComparer.Ordinal)
    {
        ["safetensors"] = CheckpointReaders.Safetensors,
        ["safetensors-index"] = CheckpointReaders.Index,
        ["torch-zip"] = CheckpointReaders.TorchZip,
        ["torch-legacy"] = CheckpointReaders.TorchLegacy,
        ["npy"] = CheckpointReaders.Numpy,
        ["npz"] = CheckpointReaders.NumpyArchive,
        ["statistics"] = EvaluationReaders.Statistics,
        ["samples"] = EvaluationReaders.Samples,
        ["token-codes"] = DataReaders.TokenCodes,
        ["caption-features"] = DataReaders.CaptionFeatures,
        ["jsonl"] = DataReaders.Captioned,
        ["tar"] = DataReaders.Shards,
        ["png"] = ImageReaders.Png,
        ["jpeg"] = ImageReaders.Jpeg,
        ["webp"] = ImageReaders.Webp,
        ["llamagen-policy"] = ModelReaders.Policy,
        ["llamagen-tokenizer"] = ModelReaders.Tokenizer,
        ["patchgan"] = ModelReaders.Discriminator,
        ["trainer-state"] = ModelReaders.State,
        ["run-folder"] = RunReaders.Folder,
    };

    public static IReadOnlyCollection<string> Names => Makers.Keys;

    /// <exception cref="ArgumentException">There is no such reader.</exception>
    public static FileReader Make(string name) => Makers.TryGetValue(name, out Func<FileReader>? maker)
        ? maker()
        : throw new ArgumentException($"There is no reader '{name}'. There are: {string.Join(", ", Names)}.", nameof(name));
}
