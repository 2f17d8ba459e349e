namespace VaPi.Alignment.Running;

/// <summary>One thread that runs what it is asked to, one thing at a time, and is idle in between.</summary>
internal sealed class DedicatedThread : IDisposable
{
    private readonly SemaphoreSlim _requested = new(0);
    private readonly Thread _thread;
    private bool _ending;
    private Action? _work;

    public DedicatedThread(string name)
    {
        _thread = new Thread(Loop) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>Runs a function there; call again only when the task has ended.</summary>
    public Task<T> Run<T>(Func<T> function)
    {
        // Continuations must not run on the thread, or a consumer's code would hold it up.
        var completion = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work = () =>
        {
            try
            {
                completion.SetResult(function());
            }
            catch (OperationCanceledException cancelled)
            {
                completion.SetCanceled(cancelled.CancellationToken);
            }
            catch (Exception exception)
            {
                completion.SetException(exception);
            }
        };
        _requested.Release();
        return completion.Task;
    }

    /// <summary>Ends the thread, once nothing runs on it.</summary>
    public void Dispose()
    {
        if (_ending)
            return;
        _ending = true;
        _requested.Release();
        _thread.Join();
        _requested.Dispose();
    }

    private void Loop()
    {
        while (true)
        {
            // What was asked for before the end is still answered: somebody awaits it.
            _requested.Wait();
            if (Interlocked.Exchange(ref _work, null) is not { } work)
                return;
            work();
        }
    }
}
