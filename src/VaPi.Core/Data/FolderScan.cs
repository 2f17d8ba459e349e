namespace VaPi.Data;

/// <summary>
/// Finds the image files under a folder, in an order that depends on names alone. Names that start with a dot are passed
/// over: they are housekeeping of tools and operating systems. Links to folders are followed, each folder is entered
/// once, links back to a folder on the way are passed over, and so links in a circle end.
/// </summary>
internal sealed class FolderScan
{
    private const int DeepestFolder = 64;

    private static readonly StringComparer PathComparer = OperatingSystem.IsLinux() ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase;

    private readonly SortedDictionary<string, int> _otherFiles = new(StringComparer.Ordinal);
    private readonly HashSet<string> _entered = new(PathComparer);

    private FolderScan()
    {
    }

    /// <summary>The images: folder by folder, folders and the files in each in ordinal order.</summary>
    public List<string> Images { get; } = [];

    /// <summary>How many other files there are of each extension.</summary>
    public IReadOnlyDictionary<string, int> OtherFiles => _otherFiles;

    /// <summary>Looks in the folder and in all folders under it.</summary>
    /// <exception cref="ImageDataException">Folders are nested too deeply.</exception>
    public static FolderScan Of(string folder)
    {
        var scan = new FolderScan();
        var found = new List<(string RelativePath, string Path)>();
        scan.Collect(folder, "", Links.RealPath(folder) ?? folder, 0, found);

        // Ordinal order of the whole relative path, so that it is the same wherever and however the walk went.
        found.Sort((a, b) => string.CompareOrdinal(a.RelativePath, b.RelativePath));
        foreach ((_, string path) in found)
            scan.AddFiles(path);
        return scan;
    }

    /// <summary>The names of the folders directly under a folder, in ordinal order, without links back to it or above.</summary>
    public static List<string> Folders(string folder)
    {
        string realFolder = Links.RealPath(folder) ?? folder;
        return [.. Folders(folder, realFolder).Select(child => child.Name)];
    }

    private static IEnumerable<(string Name, string RealPath)> Folders(string folder, string realFolder)
    {
        foreach (string name in Names(Directory.EnumerateDirectories(folder)))
        {
            string child = Path.Combine(folder, name);
            string? realChild = new DirectoryInfo(child).LinkTarget is null ? Path.Combine(realFolder, name) : Links.RealPath(child);
            if (realChild is not null && !Contains(realChild, realFolder))
                yield return (name, realChild);
        }
    }

    private static List<string> Names(IEnumerable<string> paths)
    {
        var names = paths.Select(path => Path.GetFileName(path)).Where(name => !name.StartsWith('.')).ToList();
        names.Sort(StringComparer.Ordinal);
        return names;
    }

    private void AddFiles(string folder)
    {
        foreach (string name in Names(Directory.EnumerateFiles(folder)))
        {
            if (ImageDecoder.HasImageExtension(name))
            {
                Images.Add(Path.Combine(folder, name));
            }
            else
            {
                string extension = Path.GetExtension(name);
                _otherFiles[extension] = _otherFiles.GetValueOrDefault(extension) + 1;
            }
        }
    }

    private void Collect(string path, string relativePath, string realPath, int depth, List<(string RelativePath, string Path)> found)
    {
        if (depth > DeepestFolder)
            throw new ImageDataException($"'{path}' lies more than {DeepestFolder} folders deep; image folders are not nested so deeply.", path);
        if (!_entered.Add(realPath))
            return;

        found.Add((relativePath, path));
        foreach ((string name, string realChild) in Folders(path, realPath))
            Collect(Path.Combine(path, name), relativePath.Length == 0 ? name : $"{relativePath}/{name}", realChild, depth + 1, found);
    }

    private static bool Contains(string ancestor, string path)
    {
        for (string? folder = path; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (PathComparer.Equals(folder, ancestor))
                return true;
        }

        return false;
    }
}
