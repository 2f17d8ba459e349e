namespace VaPi.Data;

/// <summary>Finds the files that a data set is made of.</summary>
internal static class DataFiles
{
    /// <summary>The file itself; or the files of a folder that match a pattern; or those that the path's own wildcards match.</summary>
    /// <param name="path">A file, a folder, or a path whose last part has <c>*</c> or <c>?</c>.</param>
    /// <param name="pattern">Which files of a folder.</param>
    /// <param name="what">What they are, for messages.</param>
    /// <returns>Absolute paths of regular files, in ordinal order of their names; at least one.</returns>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="ImageDataException">One is not a regular file, is empty, or the folder may not be listed.</exception>
    public static string[] Find(string path, string pattern, string what)
    {
        string full = Path.GetFullPath(path);
        string[] files = Matches(full, pattern);
        if (files.Length == 0)
        {
            throw new FileNotFoundException(
                Directory.Exists(full) ? $"The folder '{full}' holds no {what} ({pattern})." : $"There is no {what} '{full}'.", full);
        }

        Array.Sort(files, StringComparer.Ordinal);
        foreach (string file in files)
            RegularFile.LengthOf(file, what);
        return files;
    }

    /// <summary>Whether a path lies below a folder by its name; links are not looked at.</summary>
    /// <param name="folder">Absolute.</param>
    /// <param name="path">Absolute, without '..'.</param>
    public static bool IsBelow(string folder, string path) =>
        path.StartsWith(Path.EndsInDirectorySeparator(folder) ? folder : folder + Path.DirectorySeparatorChar, StringComparison.Ordinal); // a root keeps its own

    private static string[] Matches(string path, string pattern)
    {
        try
        {
            if (Directory.Exists(path))
                return Listed(path, pattern);
            string name = Path.GetFileName(path);
            string folder = Path.GetDirectoryName(path) ?? path;
            bool isPattern = name.AsSpan().IndexOfAny('*', '?') >= 0 && !File.Exists(path);
            return !isPattern ? [path] : Directory.Exists(folder) ? Listed(folder, name) : [];
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new ImageDataException($"'{path}' cannot be listed: {exception.Message}", path, exception);
        }
    }

    private static string[] Listed(string folder, string pattern) =>
        [.. Directory.EnumerateFiles(folder, pattern).Where(file => !Path.GetFileName(file).StartsWith('.'))];
}
