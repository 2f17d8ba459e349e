using System.Text.RegularExpressions;

namespace QuickStart.Output;

/// <summary>
/// The folder that a run's results go to: held by one run at a time, cleared of what an earlier run left, and each file
/// there is a complete one of this run.
/// </summary>
internal sealed partial class RunFolder : IDisposable
{
    public const string Picture = "before-after.png";
    public const string Curve = "reward-curve.png";
    public const string Policy = "policy.safetensors";
    public const string Report = "report.html";
    public const string Summary = "summary.json";

    private const string LockFile = ".quickstart.lock";

    private static readonly string[] Known = [Picture, Curve, Policy, Report, Summary];

    private readonly FileStream _lock;
    private readonly string _path;

    private RunFolder(string path, FileStream held) => (_path, _lock) = (path, held);

    /// <summary>Makes the folder if there is none, and holds it until disposed.</summary>
    /// <exception cref="IOException">It cannot be made or written to, or another run holds it.</exception>
    public static RunFolder Open(string path)
    {
        string full = Path.GetFullPath(path);
        if (File.Exists(full))
            throw new IOException($"The output folder '{full}' is a file. Choose another with --output.");
        string held = Path.Combine(full, LockFile);
        try
        {
            Directory.CreateDirectory(full);

            // The system gives the lock back when a process ends, however it ends, so a file that was left holds up nobody.
            return new RunFolder(full, new FileStream(held, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose));
        }
        catch (IOException exception) when (File.Exists(held))
        {
            throw new IOException($"Another run is writing to the output folder '{full}'. Wait until it has ended, or choose another with --output.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The output folder '{full}' cannot be written to: {exception.Message} Choose another with --output.", exception);
        }
    }

    /// <summary>The absolute path of one of the files.</summary>
    public string At(string file) => Path.Combine(_path, file);

    /// <summary>Removes the files that an earlier run wrote, finished or not; others stay.</summary>
    /// <exception cref="IOException">One of them cannot be removed.</exception>
    public void Clear()
    {
        // The summary says that a run was completed: it goes first, as it is written last.
        foreach (string path in Directory.EnumerateFileSystemEntries(_path).Where(path => IsOurs(Path.GetFileName(path))).OrderByDescending(path => path == At(Summary)).ToList())
        {
            try
            {
                File.Delete(path);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new IOException($"'{path}' of an earlier run cannot be removed: {exception.Message} Remove it, or choose another folder with --output.", exception);
            }
        }
    }

    /// <summary>Writes one of the files under another name and renames it: there is all of it, or none.</summary>
    public void Write(string file, Action<Stream> write)
    {
        string temporary = At(file + ".tmp");
        using (FileStream stream = File.Create(temporary))
            write(stream);
        File.Move(temporary, At(file), overwrite: true);
    }

    public void Dispose() => _lock.Dispose();

    private static bool IsOurs(string name) => Known.Contains(Unfinished().Replace(name, ""));

    // As this class and the library's checkpoint writer name what they have not finished.
    [GeneratedRegex(@"(\.[0-9a-f]{32})?\.tmp$")]
    private static partial Regex Unfinished();
}
