using System.Globalization;

namespace VaPi.Native;

/// <summary>The folders in which Python installations keep their packages, the likeliest first. Runs no interpreter.</summary>
/// <param name="variable">The value of an environment variable, or null.</param>
/// <param name="root">The root of the file system, "/"; another one for tests.</param>
internal sealed class PythonPlaces(Func<string, string?> variable, string root)
{
    private static readonly string[] s_interpreters = OperatingSystem.IsWindows() ? ["python.exe"] : ["python3", "python"];

    /// <summary>Those of this process.</summary>
    public static PythonPlaces Ours => new(Environment.GetEnvironmentVariable, OperatingSystem.IsWindows() ? "" : "/");

    /// <summary>Existing package folders, such as …/lib/python3.12/site-packages, each once.</summary>
    public IEnumerable<string> PackageFolders() =>
        Entries("PYTHONPATH").Concat(Prefixes().SelectMany(PackageFoldersOf)).Where(Directory.Exists).Select(Path.GetFullPath).Distinct();

    private static IEnumerable<string> PackageFoldersOf(string prefix)
    {
        if (OperatingSystem.IsWindows())
            return [Path.Combine(prefix, "Lib", "site-packages")];
        return ((string[])["lib", "lib64"])
            .Select(lib => Path.Combine(prefix, lib))
            .SelectMany(lib => Folders(lib, "python3*").OrderByDescending(MinorVersion))
            .SelectMany(python => (string[])[Path.Combine(python, "site-packages"), Path.Combine(python, "dist-packages")]);
    }

    // Of python3.12: 12. Debian's python3 comes last.
    private static int MinorVersion(string folder) =>
        int.TryParse(Path.GetExtension(folder).TrimStart('.'), NumberStyles.None, CultureInfo.InvariantCulture, out int minor) ? minor : -1;

    private static IEnumerable<string> Folders(string parent, string pattern)
    {
        try
        {
            return Directory.GetDirectories(parent, pattern).Order(StringComparer.Ordinal);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private IEnumerable<string> Prefixes()
    {
        foreach (string name in (string[])["VIRTUAL_ENV", "CONDA_PREFIX"])
        {
            if (variable(name) is { Length: > 0 } prefix)
                yield return prefix;
        }

        foreach (string interpreter in InterpretersOnPath())
        {
            // That of a virtual environment is a link to the one it was made with.
            yield return PrefixOf(interpreter);
            if (File.ResolveLinkTarget(interpreter, returnFinalTarget: true) is { } target)
                yield return PrefixOf(target.FullName);
        }

        if (variable("HOME") is { Length: > 0 } home)
        {
            foreach (string below in (string[])[".local", "miniconda3", "anaconda3", "miniforge3"])
                yield return Path.Combine(home, below);
        }

        if (root.Length == 0)
            yield break;
        foreach (string usual in (string[])["usr/local", "usr"])
            yield return Path.Combine(root, usual);
        foreach (string optional in Folders(Path.Combine(root, "opt"), "*"))
        {
            yield return optional;
            yield return Path.Combine(optional, ".venv");
        }
    }

    private IEnumerable<string> InterpretersOnPath() =>
        Entries("PATH").SelectMany(folder => s_interpreters.Select(name => Path.Combine(folder, name))).Where(File.Exists);

    private static string PrefixOf(string interpreter)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(interpreter))!;
        return Path.GetFileName(folder) is "bin" or "Scripts" ? Path.GetDirectoryName(folder)! : folder;
    }

    private string[] Entries(string name) => (variable(name) ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
}
