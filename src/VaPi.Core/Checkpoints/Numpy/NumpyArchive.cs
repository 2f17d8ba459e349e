using VaPi.Checkpoints.Files;
using VaPi.Checkpoints.Tensors;
using VaPi.Checkpoints.Zip;

namespace VaPi.Checkpoints.Numpy;

/// <summary>Parses NumPy's archive (<c>.npz</c>): a zip file in which each member is an array, called like the member without <c>.npy</c>.</summary>
internal static class NumpyArchive
{
    private const string Extension = ".npy";

    /// <summary>Whether the members are arrays and nothing else.</summary>
    public static bool Fits(ZipDirectory archive) =>
        archive.Names.Any() && archive.Names.All(name => name.EndsWith(Extension, StringComparison.Ordinal));

    public static CheckpointIndex Read(CheckpointFile file, ZipDirectory archive)
    {
        var index = new CheckpointIndex(file);
        foreach (string name in archive.Names)
            index.Add(NumpyFile.Read(file, name[..^Extension.Length], archive.Find(name)!));
        return index;
    }
}
