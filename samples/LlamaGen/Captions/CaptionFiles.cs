using TorchSharp;
using VaPi;
using VaPi.Data;
using VaPi.Models.LlamaGen;
using static TorchSharp.torch;

namespace LlamaGen.Captions;

/// <summary>Caption features from files.</summary>
internal static class CaptionFiles
{
    private static readonly string[] Extensions = [".npy", ".safetensors"];

    /// <summary>The files at a path: itself, or those in the folder, by number where names are numbers and by name otherwise.</summary>
    /// <exception cref="CommandException">There are none.</exception>
    public static IReadOnlyList<string> At(string path)
    {
        if (File.Exists(path))
            return [path];
        if (!Directory.Exists(path))
            throw new CommandException($"The caption features '{path}' do not exist; name a .npy or .safetensors file, or a folder of such files.");
        List<string> files =
        [
            .. Directory.EnumerateFiles(path).Where(file => Extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase))
                .OrderBy(file => int.TryParse(Path.GetFileNameWithoutExtension(file), out int number) ? number : int.MaxValue)
                .ThenBy(file => file, StringComparer.Ordinal),
        ];
        return files.Count > 0 ? files : throw new CommandException($"The folder '{path}' holds no caption features; they are .npy or .safetensors files.");
    }

    /// <summary>The condition of images with these captions.</summary>
    /// <param name="files">A file an image; one that several images share is read once.</param>
    /// <param name="policy">The policy's shape.</param>
    /// <returns>On the CPU; belongs to the caller.</returns>
    /// <exception cref="CommandException">A file's features have another width than the policy's.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static Condition Condition(IReadOnlyList<string> files, LlamaGenConfiguration policy)
    {
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> features = files.Distinct().ToDictionary(file => file, file => CaptionFeatures.Load(file));
        if (features.FirstOrDefault(caption => caption.Value.shape[1] != policy.CaptionWidth) is { Key: { } file, Value: { } wrong })
            throw new CommandException($"'{file}' has {wrong.shape[1]} features at each place, but the policy takes {policy.CaptionWidth}. Make them with the text encoder that the policy was trained with.");
        return CaptionCondition.FromCaptions([.. files.Select(caption => features[caption])], policy.CaptionPlaces);
    }
}
