using VaPi.Checkpoints.Files;

namespace VaPi.Checkpoints;

/// <summary>A checkpoint could not be read or written as asked.</summary>
/// <remarks>
/// Every problem with a file's content, and every failure to reach the file, comes as this type, so a caller
/// that loads a file it does not control has one thing to catch.
/// </remarks>
public sealed class CheckpointException : Exception
{
    /// <summary>Describes a problem with a checkpoint.</summary>
    /// <param name="path">The file, as the caller named it.</param>
    /// <param name="found">What was found there, without a final full stop.</param>
    /// <param name="allowed">What would have been accepted, without a final full stop.</param>
    /// <param name="remedy">What to do about it, without a final full stop.</param>
    /// <param name="inner">The error underneath, if there is one.</param>
    public CheckpointException(string path, string found, string allowed, string remedy, Exception? inner = null)
        : base(PrintableText.Of($"{path}: {found}. Allowed: {allowed}. {remedy}."), inner)
    {
        Path = path;
        Found = found;
        Allowed = allowed;
        Remedy = remedy;
    }

    /// <summary>The file, as the caller named it.</summary>
    public string Path { get; }

    /// <summary>What was found there.</summary>
    public string Found { get; }

    /// <summary>What would have been accepted.</summary>
    public string Allowed { get; }

    /// <summary>What to do about it.</summary>
    public string Remedy { get; }
}
