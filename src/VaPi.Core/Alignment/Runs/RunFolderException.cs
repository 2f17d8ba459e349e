using VaPi.Checkpoints.Files;

namespace VaPi.Alignment.Runs;

/// <summary>A run folder cannot be used, or a checkpoint cannot be written. The message says why and what to do.</summary>
public sealed class RunFolderException : Exception
{
    /// <summary>Names the folder and what is wrong.</summary>
    /// <param name="folder">The run folder.</param>
    /// <param name="problem">What is wrong and what to do, as the end of a sentence that began with the folder.</param>
    /// <param name="innerException">The error underneath, if there is one.</param>
    public RunFolderException(string folder, string problem, Exception? innerException = null)
        : base(PrintableText.Of($"The run folder '{folder}' {problem}"), innerException) => Folder = folder;

    /// <summary>The run folder, as an absolute path.</summary>
    public string Folder { get; }
}
