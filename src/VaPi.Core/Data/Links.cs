namespace VaPi.Data;

/// <summary>Where symbolic links lead.</summary>
internal static class Links
{
    private const int MostLinks = 40;

    /// <summary>The path without links in any of its parts, whether or not there is something; null if they lead in a circle.</summary>
    public static string? RealPath(string path)
    {
        int links = 0;
        return RealPath(Path.GetFullPath(path), ref links);
    }

    private static string? RealPath(string path, ref int links)
    {
        string? parent = Path.GetDirectoryName(path);
        if (parent is null)
            return path;
        string? realParent = RealPath(parent, ref links);
        if (realParent is null)
            return null;

        string here = Path.Combine(realParent, Path.GetFileName(path));
        string? target = new DirectoryInfo(here).LinkTarget;
        if (target is null)
            return here;
        return ++links > MostLinks ? null : RealPath(Path.GetFullPath(target, realParent), ref links);
    }
}
