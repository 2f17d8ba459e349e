using VaPi.Alignment.Metrics;

namespace VaPi.Alignment.Runs;

/// <summary>
/// When a run was started and how long its rollouts took, those that were made twice included. Nothing depends on it: lines
/// that cannot be written are left out.
/// </summary>
internal sealed class TimesFile(string path) : IDisposable
{
    private readonly FileStream _stream = new(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);

    public void Start(long step) => Write(MetricsLine.OfStart(step, DateTimeOffset.UtcNow));

    public void Append(AlignmentStep step) => Write(MetricsLine.OfTimes(step, DateTimeOffset.UtcNow));

    public void Dispose() => _stream.Dispose();

    private void Write(byte[] line)
    {
        try
        {
            _stream.Write(line);
        }
        catch (IOException)
        {
            // The metrics file lies beside it, and says so.
        }
    }
}
