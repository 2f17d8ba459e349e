using System.Text;
using System.Text.Json;
using VaPi.Checkpoints.Files;

namespace VaPi.Alignment.Runs;

/// <summary>The file that marks a folder as a run's. Nothing of a folder that somebody gave by mistake is to be touched.</summary>
internal static class RunMarker
{
    public const string FileName = "run.json";

    private const string Format = "vapi-run";

    /// <exception cref="RunFolderException">The folder is neither a run's nor empty.</exception>
    public static void ThrowIfForeign(string folder)
    {
        if (File.Exists(PathIn(folder)))
        {
            if (!IsOurs(PathIn(folder)))
                throw new RunFolderException(folder, $"holds something else: its '{FileName}' is no run's, or one of a newer version. Give a new or an empty folder, or one of an earlier run.");
            return;
        }

        string? other = Directory.EnumerateFileSystemEntries(folder).Select(Path.GetFileName)
            .FirstOrDefault(name => name != RunLock.FileName && !name!.StartsWith(FileName, StringComparison.Ordinal));
        if (other is not null)
            throw new RunFolderException(folder, $"holds something else ('{other}') and no '{FileName}'. Give a new or an empty folder, or one of an earlier run.");
    }

    /// <summary>Marks a folder, and removes what a process that was stopped while it did so has left.</summary>
    public static void Write(string folder)
    {
        foreach (string left in Directory.EnumerateFiles(folder, $"{FileName}.*.tmp"))
            File.Delete(left);
        if (!File.Exists(PathIn(folder)))
            AtomicFile.Write(PathIn(folder), stream => stream.Write(Encoding.UTF8.GetBytes($"{{\n  \"format\": \"{Format}\",\n  \"version\": {CheckpointManifest.CurrentVersion}\n}}\n")));
    }

    /// <summary>Where a folder has it.</summary>
    public static string PathIn(string folder) => Path.Combine(folder, FileName);

    private static bool IsOurs(string path)
    {
        try
        {
            using JsonDocument marker = JsonDocument.Parse(File.ReadAllBytes(path));
            return marker.RootElement is { ValueKind: JsonValueKind.Object } root
                && root.TryGetProperty("format", out JsonElement format) && format.ValueKind == JsonValueKind.String && format.ValueEquals(Format)
                && root.TryGetProperty("version", out JsonElement version) && version.ValueKind == JsonValueKind.Number
                && version.TryGetInt32(out int number) && number <= CheckpointManifest.CurrentVersion;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
