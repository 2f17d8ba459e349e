namespace VaPi.Data;

/// <summary>A file in an archive.</summary>
/// <param name="Name">Its path in the archive, with slashes.</param>
/// <param name="Offset">Where its content begins in the archive, in bytes.</param>
/// <param name="Length">The content's length, in bytes.</param>
internal readonly record struct TarMember(string Name, long Offset, long Length);
