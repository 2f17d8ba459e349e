using System.Security.Cryptography;

namespace VaPi.Alignment.Runs;

/// <summary>Writes and checks the SHA-256 of a folder's files, in the text that the program sha256sum writes and checks.</summary>
internal static class Checksums
{
    private const string Separator = "  ";

    /// <summary>The text that belongs to files.</summary>
    public static string Of(string folder, IEnumerable<string> files) => string.Concat(files.Select(file => $"{OfFile(Path.Combine(folder, file))}{Separator}{file}\n"));

    /// <summary>What is wrong with a folder whose checksums are to cover these files; null if nothing is.</summary>
    /// <exception cref="UnauthorizedAccessException">A file may not be read, which says nothing of what is in it.</exception>
    public static string? Problem(string folder, IReadOnlyCollection<string> files)
    {
        try
        {
            var listed = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (string line in File.ReadLines(Path.Combine(folder, CheckpointFiles.Checksums)))
            {
                string[] parts = line.Split(Separator, 2);
                if (parts.Length < 2 || !listed.TryAdd(parts[1], parts[0]))
                    return $"its '{CheckpointFiles.Checksums}' is damaged";
            }

            foreach (string file in files)
            {
                if (!listed.TryGetValue(file, out string? expected))
                    return $"its '{CheckpointFiles.Checksums}' lacks '{file}'";
                if (!File.Exists(Path.Combine(folder, file)))
                    return $"it has no '{file}'";
                if (!string.Equals(OfFile(Path.Combine(folder, file)), expected, StringComparison.Ordinal))
                    return $"the checksum of '{file}' is not the one that was written";
            }

            return null;
        }
        catch (IOException exception)
        {
            return exception.Message.TrimEnd('.');
        }
    }

    private static string OfFile(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
