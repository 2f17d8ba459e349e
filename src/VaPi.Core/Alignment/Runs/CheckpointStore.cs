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
    private const string BeingReplaced = ".replaced-";
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

    /// <summary>Removes what a process that was stopped while it wrote or deleted has left, and takes back what it was about to replace.</summary>
    public void CleanUp()
    {
        Directory.CreateDirectory(folder);
        foreach (string old in Directory.EnumerateDirectories(folder, $"{BeingReplaced}*").ToList())
        {
            string final = Path.Combine(folder, Path.GetFileName(old)[BeingReplaced.Length..]);
            if (Directory.Exists(final))
                Delete(old);
            else
                Directory.Move(old, final);
        }

        foreach (string left in Directory.EnumerateDirectories(folder, ".*").Where(IsTemporary).ToList())
        {
            Delete(left);
            RunLog.CleanedUp(logger, left);
        }
    }

    /// <summary>
    /// The newest checkpoint whose content is what was written; newer ones are renamed and named in a warning. Where none is whole they
    /// stay as they are: under other names they would not be seen the next time, and the run would begin again on the quiet.
    /// </summary>
    /// <param name="problems">What is wrong with newer ones, from the newest on.</param>
    /// <returns>Null if there is none.</returns>
    public StoredCheckpoint? NewestWhole(out IReadOnlyList<string> problems)
    {
        var damaged = new List<(string Path, string Problem)>();
        StoredCheckpoint? whole = null;
        foreach (string candidate in Folders(folder).Reverse())
        {
            if (Problem(candidate, out CheckpointManifest? manifest) is not { } problem)
            {
                whole = new StoredCheckpoint(candidate, manifest!);
                break;
            }

            damaged.Add((candidate, problem));
        }

        problems = [.. damaged.Select(each => $"{Path.GetFileName(each.Path)}: {each.Problem}")];
        if (whole is null)
            return null;
        foreach ((string path, string problem) in damaged)
        {
            string aside = Enumerable.Range(1, int.MaxValue).Select(number => $"{path}.damaged-{number}").First(name => !Directory.Exists(name));
            Directory.Move(path, aside);
            RunLog.Damaged(logger, path, problem, aside);
        }

        return whole;
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
            Place(temporary, final);
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

    // A folder cannot replace another in one step. Should the process end in between, cleaning up takes the old one back.
    private void Place(string temporary, string final)
    {
        if (!Directory.Exists(final))
        {
            Directory.Move(temporary, final);
            return;
        }

        string old = Path.Combine(folder, $"{BeingReplaced}{Path.GetFileName(final)}");
        Directory.Move(final, old);
        try
        {
            Directory.Move(temporary, final);
        }
        catch
        {
            Directory.Move(old, final);
            throw;
        }

        TryDelete(old);
    }

    private void Prune()
    {
        IReadOnlyList<StoredCheckpoint> all = Readable(folder);
        StoredCheckpoint? best = options.KeepBest ? Best(all) : null;
        foreach (StoredCheckpoint old in all.Take(Math.Max(0, all.Count - options.Keep)).Where(checkpoint => checkpoint != best))
            TryDelete(old.Path);
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
            Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            RunLog.NotDeleted(logger, exception, path); // it does no harm, and what led here matters more
        }
    }
}
