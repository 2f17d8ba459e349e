using System.Diagnostics;
using VaPi.Checkpoints;
using VaPi.Data;
using VaPi.Fuzz.Cases;
using static TorchSharp.torch;

namespace VaPi.Fuzz.Running;

/// <summary>
/// Writes a case's files, has them read, and says what went wrong: an exception that is not documented or does not say which file
/// it is about, too much memory, native tensors or open files left behind.
/// </summary>
/// <param name="folder">An empty folder to write to.</param>
internal sealed class CaseRunner(string folder)
{
    private readonly string _folder = Path.GetFullPath(folder);
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);

    public CaseResult Run(FuzzCase fuzzCase)
    {
        string path = Write(fuzzCase.Files);
        long tensors = Tensor.TotalCount;
        int files = OpenFiles.Count();
        ResidentMemory.Forget();
        long resident = ResidentMemory.Peak();
        long managed = GC.GetAllocatedBytesForCurrentThread();
        long started = Stopwatch.GetTimestamp();
        Exception? error = null;
        try
        {
            fuzzCase.Reader.Read(path);
        }
        catch (Exception exception)
        {
            error = exception;
        }

        double milliseconds = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        managed = GC.GetAllocatedBytesForCurrentThread() - managed;
        resident = ResidentMemory.Peak() - resident;
        string?[] problems =
        [
            error is null ? null : ProblemOf(error, fuzzCase),
            Excess("managed memory", managed, fuzzCase.Length),
            Excess("resident memory", resident, fuzzCase.Length),
            !fuzzCase.Reader.HasParameters && Tensor.TotalCount > tensors ? $"{Tensor.TotalCount - tensors} native tensors were left behind." : null,
            OpenFiles.Count() > files && OpenFiles.Below(_folder) is { Count: > 0 } open ? $"{string.Join(", ", open)} stayed open." : null,
        ];
        string problem = string.Join(' ', problems.OfType<string>());
        return new CaseResult(error, problem.Length > 0 ? problem : null, milliseconds, managed, resident);
    }

    private static string? Excess(string what, long bytes, long length) => bytes > CaseLimits.Bytes(length)
        ? $"{bytes:N0} bytes of {what} were taken for files of {length:N0} bytes, where {CaseLimits.Bytes(length):N0} are allowed."
        : null;

    private string? ProblemOf(Exception error, FuzzCase fuzzCase)
    {
        FileReader reader = fuzzCase.Reader;
        string message = error.Message;
        if (!reader.Documented.Any(documented => documented.IsInstanceOfType(error)))
            return $"{error.GetType().Name} is not documented (these are: {string.Join(", ", reader.Documented.Select(type => type.Name))}): {error}";
        if (reader.WithoutFile?.IsInstanceOfType(error) != true && !NamesItsFile(error))
            return $"The message does not name the file: {message}";
        if (message.Length > CaseLimits.MessageLength)
            return $"The message has {message.Length} characters: {message[..200]}…";
        int control = message.AsSpan().IndexOfAnyInRange('\0', '\u001f');
        return control >= 0 ? $"The message has the character 0x{(int)message[control]:X2} at {control}, which a file brought in: {message}" : null;
    }

    // Files that an input names, such as a list's images, may lie anywhere.
    private bool NamesItsFile(Exception error)
    {
        string? named = error switch
        {
            CheckpointException checkpoint => checkpoint.Path,
            ImageDataException image => image.Path,
            FileNotFoundException missing => missing.FileName,
            _ => null,
        };
        return error.Message.Contains(_folder, StringComparison.Ordinal) || (named is { Length: > 0 } && error.Message.Contains(named, StringComparison.Ordinal));
    }

    // Most cases have the same files; those of others go, so that a case does not depend on what ran before it.
    private string Write(IReadOnlyList<CaseFile> files)
    {
        foreach (string name in _written.Except(files.Select(file => file.Name)).ToList())
        {
            File.Delete(Path.Combine(_folder, name));
            _written.Remove(name);
        }

        foreach (CaseFile file in files)
        {
            string path = Path.Combine(_folder, file.Name);
            if (_written.Add(file.Name))
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, file.Content);
        }

        return Path.Combine(_folder, files[0].Name);
    }
}
