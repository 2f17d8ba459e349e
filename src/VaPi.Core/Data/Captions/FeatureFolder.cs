using VaPi.Checkpoints.Files;
using static TorchSharp.torch;

namespace VaPi.Data;

/// <summary>A folder with a file of caption features for each key.</summary>
internal sealed class FeatureFolder
{
    private static readonly string[] Extensions = [".npy", ".safetensors"];

    private readonly string _folder;

    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public FeatureFolder(string folder, string option)
    {
        _folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (!Directory.Exists(_folder))
            throw new DirectoryNotFoundException($"The folder of caption features '{_folder}' ({option}) does not exist.");
    }

    /// <summary>Reads the features of a key.</summary>
    /// <param name="key">A path below the folder, without the extension.</param>
    /// <returns>(n, W), float32. Belongs to the caller.</returns>
    /// <exception cref="FileNotFoundException">There are none.</exception>
    /// <exception cref="ImageDataException">They cannot be read, or the key leads out of the folder.</exception>
    public Tensor Read(string key)
    {
        string path = Path.GetFullPath(Path.Combine(_folder, key.Replace('\0', '_')));
        if (!DataFiles.IsBelow(_folder, path))
            throw new ImageDataException($"The key '{key}' leads out of the folder of caption features '{_folder}'.", path);
        foreach (string extension in Extensions)
        {
            if (Path.Exists(path + extension))
                return CaptionFeatures.Load(path + extension);
        }

        throw new FileNotFoundException(PrintableText.Of($"There are no caption features '{path}.npy', nor such a file that ends in .safetensors."), path + Extensions[0]);
    }
}
