using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using VaPi.Alignment.State;
using VaPi.Data;

namespace VaPi.Alignment.Reading;

/// <summary>
/// The batches of a run, in order. While a step computes on one, a thread of the queue's own reads the next; that shows in
/// nothing but time. One consumer, whose calls do not overlap.
/// </summary>
internal sealed class ImageQueue : IDisposable
{
    private readonly IImageSource _images;
    private readonly ILogger _logger;
    private readonly AlignmentOptions _options;
    private readonly bool _readsAhead;

    // The consumer's alone.
    private readonly List<UnreadableImage> _unreadable = []; // found up to the batches that have been finished
    private ReadBatch? _current;

    // What both threads touch, each holding the gate.
    private readonly object _gate = new();
    private readonly Queue<ReadBatch> _waiting = new();
    private bool _disposed;
    private ExceptionDispatchInfo? _failure; // in place of the batch after those waiting; nothing is read until it has been taken
    private BatchReader _reader;
    private CancellationTokenSource _stop = new();
    private Thread? _thread;
    private int _wanted; // the batches that may be waiting

    public ImageQueue(IImageSource images, AlignmentOptions options, ILogger logger)
    {
        _images = images;
        _options = options;
        _logger = logger;
        _readsAhead = options.BatchesAhead > 0 && !images.IsInMemory;
        _reader = MakeReader();
    }

    /// <summary>The epoch of the data after the batches that have been finished; reading ahead does not show.</summary>
    public long Epoch { get; private set; }

    /// <summary>The position in that epoch.</summary>
    public long Position { get; private set; }

    /// <summary>The images that were found to be unreadable up to there, by their index, in the order in which they were found.</summary>
    public IEnumerable<int> Unreadable => _unreadable.Select(image => image.Index);

    /// <summary>How long disposing waits for a read under way, so that the source can be disposed afterwards.</summary>
    internal TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The current batch: always the same one until it is finished.</summary>
    /// <param name="left">The batches that may be asked for after this one; no more are read ahead.</param>
    /// <param name="cancellationToken">Ends waiting for the batch; it can be asked for again.</param>
    /// <returns>Stays the queue's.</returns>
    /// <exception cref="Exception">Whatever the source threw; the batch can be asked for again.</exception>
    public ReadBatch Current(long left, CancellationToken cancellationToken)
    {
        if (_current is not null)
            return _current;
        _current = _readsAhead ? Take((int)Math.Clamp(left, 0, _options.BatchesAhead), cancellationToken) : _reader.Next(_options.ImagesPerRollout, cancellationToken);

        // Here rather than where they were found, so that messages come in the order of the steps.
        int count = _current.UnreadableSoFar - _current.NewlyUnreadable.Count;
        foreach (UnreadableImage image in _current.NewlyUnreadable)
            Log.Skipped(_logger, image.Path, ++count, _images.Count, image.Reason);
        return _current;
    }

    /// <summary>Releases the current batch, if there is one, and goes on to the next.</summary>
    public void Finish()
    {
        if (_current is null)
            return;
        (Epoch, Position) = (_current.Epoch, _current.Position);
        _unreadable.AddRange(_current.NewlyUnreadable);
        _current.Dispose();
        _current = null;
    }

    /// <summary>Goes to a position in the data, as a queue that has come there.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <param name="position">The position in it.</param>
    /// <param name="unreadable">The images found to be unreadable before.</param>
    public void Restart(long epoch, long position, IEnumerable<long> unreadable)
    {
        (Epoch, Position) = (epoch, position);
        UnreadableImage[] found = [.. unreadable.Select(index => _unreadable.Find(image => image.Index == index)
            ?? new UnreadableImage((int)index, $"image {index} of the source", "It could not be read before the run was resumed."))];
        _unreadable.Clear();
        _unreadable.AddRange(found);
        lock (_gate)
            Clear();
    }

    /// <summary>Ends the thread and releases what is waiting.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = true;
            Clear();
            Monitor.PulseAll(_gate);
        }

        // A source that does not come back is left behind with its thread, which releases what it may still read.
        _thread?.Join(Patience);
    }

    private ReadBatch Take(int ahead, CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration waking = cancellationToken.UnsafeRegister(static queue => ((ImageQueue)queue!).Wake(), this);
        lock (_gate)
        {
            _wanted = ahead + 1;
            StartThread();
            Monitor.PulseAll(_gate);
            while (_waiting.Count == 0 && _failure is null)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Monitor.Wait(_gate);
            }

            if (_waiting.Count == 0)
            {
                ExceptionDispatchInfo failure = _failure!;
                (_failure, _wanted) = (null, 0);
                failure.Throw();
            }

            _wanted = ahead;
            return _waiting.Dequeue();
        }
    }

    private void Wake()
    {
        lock (_gate)
            Monitor.PulseAll(_gate);
    }

    private void StartThread()
    {
        if (_thread is not null)
            return;
        _thread = new Thread(ReadAhead) { IsBackground = true, Name = "VaPi images" };
        _thread.Start();
    }

    private void ReadAhead()
    {
        while (true)
        {
            BatchReader reader;
            CancellationToken stop;
            lock (_gate)
            {
                while (!_disposed && (_waiting.Count >= _wanted || _failure is not null))
                    Monitor.Wait(_gate);
                if (_disposed)
                    return;
                (reader, stop) = (_reader, _stop.Token);
            }

            ReadBatch? read = null;
            ExceptionDispatchInfo? failure = null;
            try
            {
                read = reader.Next(_options.ImagesPerRollout, stop);
            }
#pragma warning disable CA1031 // It is thrown again in the step that would have had the batch.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failure = ExceptionDispatchInfo.Capture(exception);
            }

            lock (_gate)
            {
                if (_disposed || reader != _reader)
                    read?.Dispose();
                else if (read is not null)
                    _waiting.Enqueue(read);
                else
                    _failure = failure;
                Monitor.PulseAll(_gate);
            }
        }
    }

    // What is still being read for the old reader is released when it comes.
    private void Clear()
    {
        _current?.Dispose();
        _current = null;
        while (_waiting.TryDequeue(out ReadBatch? batch))
            batch.Dispose();
        (_failure, _wanted) = (null, 0);
        _stop.Cancel();
        _stop.Dispose();
        _stop = new CancellationTokenSource();
        _reader = MakeReader();
    }

    private BatchReader MakeReader() => new(
        _images,
        new DataOrder(_images.Count, _options.DataSeed ?? _options.Seed) { Epoch = Epoch, Position = Position },
        _options.MaximumUnreadableShare,
        _unreadable);
}
