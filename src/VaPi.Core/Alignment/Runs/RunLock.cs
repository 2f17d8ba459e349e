namespace VaPi.Alignment.Runs;

/// <summary>Keeps a run folder for one run. The system gives it up when the process ends, however it ends.</summary>
internal sealed class RunLock : IDisposable
{
    public const string FileName = "run.lock";

    private readonly FileStream _stream;

    private RunLock(FileStream stream) => _stream = stream;

    /// <exception cref="RunFolderException">Another run has it, or it may not be written.</exception>
    /// <exception cref="IOException">Something else is in the way.</exception>
    public static RunLock Take(string folder)
    {
        try
        {
            return new RunLock(new FileStream(Path.Combine(folder, FileName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new RunFolderException(folder, $"cannot be written to: {exception.Message} Give one that this process may write to.", exception);
        }
        catch (IOException exception) when (IsHeld(exception))
        {
            throw new RunFolderException(
                folder,
                $"is in use by another run, of this process or another. Wait for its end, dispose its trainer if it is in this process, or give this run a folder of its own. ({exception.Message})",
                exception);
        }
    }

    /// <summary>The file stays: were it deleted, two that wait for it could each get one.</summary>
    public void Dispose() => _stream.Dispose();

    // A sharing violation of Windows; EWOULDBLOCK of Linux and of macOS.
    private static bool IsHeld(IOException exception) => exception.HResult is unchecked((int)0x80070020) or 11 or 35;
}
