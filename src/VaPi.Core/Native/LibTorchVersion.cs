using System.Text.RegularExpressions;

namespace VaPi.Native;

/// <summary>Which version an installation is: PyTorch says it in version.py, an unpacked libtorch in build-version.</summary>
internal static partial class LibTorchVersion
{
    private const int MostCharacters = 64 << 10;

    /// <summary>The version as the installation writes it; null where no file tells.</summary>
    /// <param name="folder">The folder of the libraries; the files lie in its parent.</param>
    public static string? Read(string folder)
    {
        string parent = Path.GetDirectoryName(folder) ?? folder;
        if (ReadStart(Path.Combine(parent, "version.py")) is { } python && Assignment().Match(python) is { Success: true } match)
            return match.Groups["version"].Value;
        string? text = ReadStart(Path.Combine(parent, "build-version"))?.Trim();
        return string.IsNullOrEmpty(text) || text.Contains('\n', StringComparison.Ordinal) ? null : text;
    }

    /// <summary>The numbers of a version such as 2.10.0+cu128 or 1.13.0a0; null if it begins with none.</summary>
    public static Version? Parse(string text)
    {
        Match match = Numbers().Match(text);
        return match.Success && Version.TryParse(match.Value, out Version? version) ? version : null;
    }

    /// <summary>PyTorch changes its C++ interface between minor versions, and only repairs within one.</summary>
    public static bool AreCompatible(Version left, Version right) => (left.Major, left.Minor) == (right.Major, right.Minor);

    private static string? ReadStart(string path)
    {
        try
        {
            using var reader = new StreamReader(path);
            var buffer = new char[MostCharacters];
            return new string(buffer, 0, reader.ReadBlock(buffer));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"^__version__\s*(:[^=\n]*)?=\s*['""](?<version>[^'""\n]+)['""]", RegexOptions.Multiline)]
    private static partial Regex Assignment();

    [GeneratedRegex(@"^\d{1,4}\.\d{1,4}(\.\d{1,4})?")]
    private static partial Regex Numbers();
}
