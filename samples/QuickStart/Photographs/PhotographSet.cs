using QuickStart.Models;
using VaPi.Data;

namespace QuickStart.Photographs;

/// <summary>The photographs of a folder, each decoded once and dealt out to the regions.</summary>
internal sealed class PhotographSet : IDisposable
{
    private const int MostWarnings = 20;

    private readonly Dictionary<PhotoRegion, TileCrops> _regions;

    private PhotographSet(Dictionary<PhotoRegion, TileCrops> regions, IReadOnlyList<string> classes) => (_regions, Classes) = (regions, classes);

    /// <summary>The names of the classes; a name's index is its label.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>The photographs in use.</summary>
    public int Count { get; private set; }

    /// <summary>Those that could not be used.</summary>
    public int Skipped { get; private set; }

    /// <summary>The crops of a region that was asked for.</summary>
    public TileCrops this[PhotoRegion region] => _regions[region];

    /// <summary>Finds the photographs without reading them: one sub-folder a class.</summary>
    /// <exception cref="IOException">There is no such folder, or it holds no photographs in sub-folders.</exception>
    /// <exception cref="InvalidDataException">A class has no photographs.</exception>
    public static ImageFolder Find(string path)
    {
        if (Directory.Exists(path) && !Directory.EnumerateDirectories(path).Any())
            throw new InvalidDataException($"'{path}' has no sub-folders. Put the photographs of each class into one, as in '{Path.Combine(path, "cats", "cat.jpg")}'.");
        ImageFolder folder = ImageFolder.Open(path, SmallModels.ImageSize);
        HashSet<int> labels = [.. folder.Labels];
        int empty = Enumerable.Range(0, folder.Classes.Count).FirstOrDefault(label => !labels.Contains(label), -1);
        return empty < 0
            ? folder
            : throw new InvalidDataException($"The class folder '{folder.Classes[empty]}' in '{path}' has no photographs. Put some in, or remove the folder.");
    }

    /// <summary>Reads photographs and keeps the tiles of some regions. One that cannot be used is skipped with a warning.</summary>
    /// <param name="folder">In the ImageNet layout.</param>
    /// <param name="regions">The regions to keep.</param>
    /// <param name="warn">Told of the first photographs that are skipped, and why; and then of how many more.</param>
    /// <param name="advanced">Told of each photograph.</param>
    /// <param name="cancellationToken">Stops between photographs.</param>
    /// <exception cref="InvalidDataException">None of a class's photographs can be used.</exception>
    public static PhotographSet Read(
        ImageFolder folder, IReadOnlyCollection<PhotoRegion> regions, Action<string> warn, Action<int> advanced, CancellationToken cancellationToken)
    {
        var set = new PhotographSet(regions.ToDictionary(region => region, _ => new TileCrops(SmallModels.ImageSize)), folder.Classes);
        try
        {
            int[] used = new int[folder.Classes.Count];
            for (int index = 0; index < folder.Count; index++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                try
                {
                    TileCrops.Deal(folder.Paths[index], folder.Labels[index], set._regions);
                    used[folder.Labels[index]]++;
                }
                catch (Exception exception) when (exception is InvalidDataException or IOException)
                {
                    if (set.Skipped++ < MostWarnings)
                        warn($"Skipped: {exception.Message}");
                }

                advanced(1);
            }

            if (set.Skipped > MostWarnings)
                warn($"Skipped: {set.Skipped - MostWarnings} more photographs.");
            set.Count = used.Sum();
            int none = Array.IndexOf(used, 0);
            return none < 0
                ? set
                : throw new InvalidDataException($"None of the photographs of the class '{folder.Classes[none]}' can be used; the warnings say why. Put others there, or remove the folder.");
        }
        catch
        {
            set.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (TileCrops crops in _regions.Values)
            crops.Dispose();
    }
}
