using VaPi.Data;

namespace VaPi.Alignment.Reading;

/// <summary>A batch as it was read, with what was passed over on the way. Owns the images.</summary>
/// <param name="Images">The images.</param>
/// <param name="NewlyUnreadable">Images that were found to be unreadable while this batch was read.</param>
/// <param name="UnreadableSoFar">All that were found up to this batch.</param>
/// <param name="Epoch">The epoch of the data after the batch.</param>
/// <param name="Position">The position in that epoch after the batch.</param>
internal sealed record ReadBatch(
    ImageBatch Images, IReadOnlyList<UnreadableImage> NewlyUnreadable, int UnreadableSoFar, long Epoch, long Position) : IDisposable
{
    public void Dispose() => Images.Dispose();
}
