using System.Globalization;
using Microsoft.Extensions.Logging;
using VaPi.Checkpoints.Files;

namespace VaPi.Alignment.Runs;

/// <summary>
/// The checkpoints of a run, a folder each, named by the rollouts made. A folder has its name only when all of it is on disk.
/// </summary>
internal sealed class CheckpointStore(string folder, RunFolderOptions options, ILogger logger)
{
    private const string BeingDeleted = ".deleting-";
    private const string BeingWritten = ".writing-";

    private static readonly string[] Checked = [CheckpointFiles.Policy, CheckpointFiles.Trainer, CheckpointFiles.Manifest];

    /// <summary>The checkpoints whose manifests can be read, from the oldest to the newest.</summary>
    public static IReadOnlyList<StoredCheckpoint> Readable(string folder) =>
    [
        .. Folders(folder).Select(TryRead).OfType<StoredCheckpoint>(),
    ];

    /// <summary>The best by what they were measured by; the earliest of equals, and null if none was measured.</summary>
    public static StoredCheckpoint? Best(IEnumerable<StoredCheckpoint> checkpoints) => checkpoints
        .Where(checkpoint => checkpoint.Manifest.Value is not null)
        .MaxBy(checkpoint => checkpoint.Manifest.HigherIsBetter ? checkpoint.Manifest.Value : -checkpoint.Manifest.Value);

    /// <summary>Removes what a process that was stopped while it wrote or deleted has left.</summary>
    public void CleanUp()
    {
        Directory.CreateDirectory(folder);
        foreach (string left in Directory.EnumerateDirectories(folder, ".*").Where(IsTemporary).ToList())
        {
            Delete(left);
            RunLog.CleanedUp(logger, left);
        }
    }

    /// <summary>The newest checkpoint whose content is what was written; newer ones are renamed and named in a warning.</summary>
    /// <param name="damaged">How many were not.</param>
    /// <returns>Null if there is none.</returns>
    public StoredCheckpoint? NewestWhole(out int damaged)
    {
        damaged = 0;
        foreach (string candidate in Folders(folder).Reverse())
        {
            if (Problem(candidate, out CheckpointManifest? manifest) is not { } problem)
                return new StoredCheckpoint(candidate, manifest!);
            damaged++;
            string aside = Enumerable.Range(1, int.MaxValue).Select(number => $"{candidate}.damaged-{number}").First(name => !Directory.Exists(name));
            Directory.Move(candidate, aside);
            RunLog.Damaged(logger, candidate, problem, aside);
        }

        return null;
    }

    /// <summary>Writes a checkpoint, and then deletes those that are no longer to be kept.</summary>
    /// <param name="manifest">What it says of itself.</param>
    /// <param name="writeTensors">Writes a file of tensors; given its name and path.</param>
    /// <returns>Where it is.</returns>
    /// <exception cref="IOException">It cannot be written; nothing of it stays.</exception>
    /// <exception cref="VaPi.Checkpoints.CheckpointException">The same.</exception>
    public string Write(CheckpointManifest manifest, Action<string, string> writeTensors)
    {
        string final = Path.Combine(folder, manifest.Step.ToString("D8", CultureInfo.InvariantCulture));
        string temporary = Path.Combine(folder, $"{BeingWritten}{Guid.NewGuid():N}");
        Directory.CreateDirectory(temporary);
        try
        {
            foreach (string file in (string[])[CheckpointFiles.Policy, CheckpointFiles.Trainer])
            {
                options.Writing?.Invoke(file);
                writeTensors(file, Path.Combine(temporary, file));
            }

            options.Writing?.Invoke(CheckpointFiles.Manifest);
            AtomicFile.Write(Path.Combine(temporary, CheckpointFiles.Manifest), manifest.Write);
            options.Writing?.Invoke(CheckpointFiles.Checksums);
            byte[] sums = System.Text.Encoding.UTF8.GetBytes(Checksums.Of(temporary, Checked));
            AtomicFile.Write(Path.Combine(temporary, CheckpointFiles.Checksums), stream => stream.Write(sums));
            options.Writing?.Invoke(final);
            PutAside(final);
            Directory.Move(temporary, final);
        }
        catch
        {
            TryDelete(temporary);
            throw;
        }

        RunLog.Saved(logger, final);
        Prune();
        return final;
    }

    private static IEnumerable<string> Folders(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateDirectories(folder).Where(path => StepOf(path) is not null).OrderBy(StepOf)
        : [];

    private static long? StepOf(string path) =>
        Path.GetFileName(path) is { Length: >= 8 } name && long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out long step) ? step : null;

    private static bool IsTemporary(string path) => Path.GetFileName(path) is { } name
        && (name.StartsWith(BeingWritten, StringComparison.Ordinal) || name.StartsWith(BeingDeleted, StringComparison.Ordinal));

    private static StoredCheckpoint? TryRead(string path)
    {
        try
        {
            return new StoredCheckpoint(path, CheckpointManifest.Read(Path.Combine(path, CheckpointFiles.Manifest)));
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            return null; // damaged, or deleted meanwhile
        }
    }

    private static string? Problem(string path, out CheckpointManifest? manifest)
    {
        manifest = null;
        if (Checksums.Problem(path, Checked) is { } problem)
            return problem;
        try
        {
            manifest = CheckpointManifest.Read(Path.Combine(path, CheckpointFiles.Manifest));
            return null;
        }
        catch (InvalidDataException exception)
        {
            return exception.Message;
        }
    }

    // A folder cannot replace another in one step. Should the process end in between, the checkpoint before is the newest.
    private void PutAside(string path)
    {
        if (Directory.Exists(path))
            Delete(path);
    }

    private void Prune()
    {
        IReadOnlyList<StoredCheckpoint> all = Readable(folder);
        StoredCheckpoint? best = options.KeepBest ? Best(all) : null;
        foreach (StoredCheckpoint old in all.Take(Math.Max(0, all.Count - options.Keep)).Where(checkpoint => checkpoint != best))
        {
            try
            {
                Delete(old.Path);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                RunLog.NotDeleted(logger, exception, old.Path);
            }
        }
    }

    // Renamed first, so that no half of it is ever taken for a checkpoint.
    private void Delete(string path)
    {
        string doomed = path;
        if (!IsTemporary(path))
        {
            doomed = Path.Combine(folder, $"{BeingDeleted}{Guid.NewGuid():N}");
            Directory.Move(path, doomed);
        }

        Directory.Delete(doomed, recursive: true);
    }

    private void TryDelete(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            RunLog.NotDeleted(logger, exception, path); // the error that led here matters more
        }
    }
}
