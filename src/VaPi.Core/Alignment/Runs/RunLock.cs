using System.Globalization;
using System.Text;

namespace VaPi.Alignment.Runs;

/// <summary>Keeps a run folder for one run. The system gives it up when the process ends, however it ends.</summary>
internal sealed class RunLock : IDisposable
{
    public const string FileName = "run.lock";

    private readonly FileStream _stream;

    private RunLock(FileStream stream) => _stream = stream;

    /// <exception cref="RunFolderException">Another run has it.</exception>
    public static RunLock Take(string folder)
    {
        string path = Path.Combine(folder, FileName);
        try
        {
            var stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            stream.SetLength(0);
            stream.Write(Encoding.UTF8.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            stream.Flush();
            return new RunLock(stream);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new RunFolderException(folder, $"cannot be written to: {exception.Message} Give one that this process may write to.", exception);
        }
        catch (IOException exception)
        {
            throw new RunFolderException(
                folder,
                $"is in use by another run{Holder(path)}. Wait for it, or dispose its trainer if it is in this process; or give this run a folder of its own. ({exception.Message})",
                exception);
        }
    }

    /// <summary>The file stays: were it deleted, two that wait for it could each get one.</summary>
    public void Dispose() => _stream.Dispose();

    // Where the system lets others read it; on Windows it does not.
    private static string Holder(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream);
            return int.TryParse(reader.ReadToEnd(), CultureInfo.InvariantCulture, out int process)
                ? process == Environment.ProcessId ? ", of this process" : $", of process {process}"
                : "";
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
