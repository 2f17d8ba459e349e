namespace VaPi.Fuzz.Cases;

/// <summary>Something of the library that reads files, with valid inputs and what it says that it throws.</summary>
/// <param name="Name">Short, for the command line.</param>
/// <param name="Samples">Valid inputs; at least one.</param>
/// <param name="Read">Reads what is at a path, all of it, and disposes what it gets.</param>
/// <param name="Documented">The exceptions that its XML documentation names for files that it cannot read.</param>
internal sealed record FileReader(string Name, IReadOnlyList<Sample> Samples, Action<string> Read, params IReadOnlyList<Type> Documented)
{
    /// <summary>Exceptions of a kind that knows no file, because what is read is in memory already.</summary>
    public Type? WithoutFile { get; init; }

    /// <summary>
    /// Whether it makes parameters: TorchSharp goes on counting the tensor that a parameter was made of, though nothing native is left
    /// of it. Whether anything is, the memory that the reader's cases keep together tells.
    /// </summary>
    public bool HasParameters { get; init; }

    /// <summary>All files of all samples, for splicing.</summary>
    public IReadOnlyList<byte[]> Contents { get; } = [.. Samples.SelectMany(sample => sample.Files).Select(file => file.Content)];
}
