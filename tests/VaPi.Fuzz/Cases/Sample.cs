namespace VaPi.Fuzz.Cases;

/// <summary>
/// A valid input of a reader, made of parts: a part that is changed is packed as the format packs it, so that changes reach what
/// lies behind compression, checksums and lengths.
/// </summary>
/// <param name="Parts">What is packed; empty for a sample that is changed as a whole only.</param>
/// <param name="Pack">Makes the files of the parts. The first is what the reader is given.</param>
internal sealed record Sample(IReadOnlyList<byte[]> Parts, Func<IReadOnlyList<byte[]>, IReadOnlyList<CaseFile>> Pack)
{
    /// <summary>The files as they are when nothing is changed.</summary>
    public IReadOnlyList<CaseFile> Files { get; } = Pack(Parts);

    /// <summary>Whether parts are compressed, so that a small file may hold a huge one.</summary>
    public bool IsCompressed { get; init; }

    /// <summary>A file without parts.</summary>
    public static Sample Of(string name, byte[] content) => new([], _ => [new CaseFile(name, content)]);

    /// <summary>One file, packed of parts.</summary>
    public static Sample Of(string name, IReadOnlyList<byte[]> parts, Func<IReadOnlyList<byte[]>, byte[]> pack) =>
        new(parts, packed => [new CaseFile(name, pack(packed))]);
}
