using Microsoft.Extensions.Logging;
using VaPi.Alignment.Metrics;
using VaPi.Alignment.State;
using VaPi.Alignment.Stopping;
using VaPi.Checkpoints;
using static TorchSharp.torch;

namespace VaPi.Alignment.Runs;

/// <summary>
/// The folder of a run that is under way, which nobody else may write to: what has been made is written down there, and a run
/// that was stopped goes on from it.
/// </summary>
internal sealed class OpenRun : IDisposable
{
    public const string CheckpointsFolder = "checkpoints";
    public const string MetricsName = "metrics.jsonl";
    public const string TimesName = "times.jsonl";

    private const string DiskRemedy = "Make room on the disk, and see to it that the folder may be written to.";
    private const string MeanReward = "mean reward";

    private readonly RunLock _lock;
    private readonly ILogger _logger;
    private readonly MetricsFile _metrics;
    private readonly RunFolderOptions _options;
    private readonly Queue<double> _recentRewards = new();
    private readonly CheckpointStore _store;
    private readonly EarlyStopping? _stopping;
    private readonly TimesFile _times;
    private readonly string _folder;
    private bool _metricsFail;
    private bool _unsaved;

    private OpenRun(string folder, RunFolderOptions options, EarlyStopping? stopping, RunLock held, ILogger logger)
    {
        (_folder, _options, _stopping, _lock, _logger) = (folder, options, stopping, held, logger);
        RunMarker.Write(folder);
        _store = new CheckpointStore(Path.Combine(folder, CheckpointsFolder), options, logger);
        _store.CleanUp();
        Resumed = _store.NewestWhole(out IReadOnlyList<string> problems);
        if (Resumed is null && problems.Count > 0)
        {
            throw new RunFolderException(
                folder,
                $"has no checkpoint that is whole: all {problems.Count} are damaged ({string.Join("; ", problems)}). Look at the disk, and give the run a new folder to begin again.");
        }

        _metrics = new MetricsFile(Path.Combine(folder, MetricsName));
        try
        {
            _times = new TimesFile(Path.Combine(folder, TimesName));
        }
        catch
        {
            _metrics.Dispose();
            throw;
        }
    }

    /// <summary>The checkpoint that the run goes on from; null where it begins.</summary>
    public StoredCheckpoint? Resumed { get; }

    /// <summary>Takes a folder for a run, and finds where it was stopped.</summary>
    /// <exception cref="RunFolderException">It is in use, holds something else, or cannot be read or written.</exception>
    public static OpenRun Open(string path, RunFolderOptions options, EarlyStopping? stopping, ILogger logger)
    {
        string folder = Path.GetFullPath(path);
        RunLock? held = null;
        try
        {
            Directory.CreateDirectory(folder);
            RunMarker.ThrowIfForeign(folder);
            held = RunLock.Take(folder);
            return new OpenRun(folder, options, stopping, held, logger);
        }
        catch (Exception exception)
        {
            held?.Dispose();
            if (exception is IOException or UnauthorizedAccessException or CheckpointException)
                throw new RunFolderException(folder, $"cannot be used: {exception.Message} {DiskRemedy}", exception);
            throw;
        }
    }

    /// <summary>Compares what the run was started with; changes nothing yet.</summary>
    /// <exception cref="RunFolderException">Something differs that may not.</exception>
    public void Accept(RunSettings settings)
    {
        Settings = settings;
        if (Resumed is not null)
            Compare(Resumed.Manifest, settings);
    }

    /// <summary>Brings the metrics to where the run goes on.</summary>
    /// <exception cref="RunFolderException">The metrics cannot be written.</exception>
    public void Begin()
    {
        CheckpointManifest? manifest = Resumed?.Manifest;
        try
        {
            foreach (double reward in manifest?.RecentRewards ?? [])
                _recentRewards.Enqueue(reward);
            if (manifest is null)
            {
                _ = _metrics.CutTo(0, _metrics.Checksum);
                RunLog.Began(_logger, _folder);
            }
            else
            {
                if (_metrics.CutTo(manifest.MetricsBytes, manifest.MetricsChecksum) is { } aside)
                    RunLog.ForeignMetrics(_logger, _metrics.Path, manifest.Step, aside);
                RunLog.Resumed(_logger, _folder, manifest.Step);
            }
        }
        catch (IOException exception)
        {
            throw new RunFolderException(_folder, $"cannot be used: {exception.Message} {DiskRemedy}", exception);
        }

        _times.Start(manifest?.Step ?? 0);
    }

    /// <summary>Reads the state that the run goes on from.</summary>
    /// <returns>Belongs to the caller.</returns>
    /// <exception cref="CheckpointException">It cannot be read.</exception>
    public TrainerState LoadState()
    {
        string folder = Resumed!.Path;
        IReadOnlyDictionary<string, Tensor> weights = Checkpoint.Load(Path.Combine(folder, CheckpointFiles.Policy));

        // Less precise parameters are these rounded, as after any update.
        IEnumerable<KeyValuePair<string, Tensor>> both = weights.SelectMany(weight => new[]
        {
            KeyValuePair.Create(TrainerState.PolicyPrefix + weight.Key, weight.Value),
            KeyValuePair.Create(TrainerState.MasterPrefix + weight.Key, weight.Value),
        });
        try
        {
            return TrainerState.Load(Path.Combine(folder, CheckpointFiles.Trainer), both);
        }
        catch
        {
            foreach (Tensor weight in weights.Values)
                weight.Dispose();
            throw;
        }
    }

    /// <summary>Writes down what a rollout did.</summary>
    public void Record(AlignmentStep step)
    {
        _unsaved = true;
        if (double.IsFinite(step.Reward.Mean))
            _recentRewards.Enqueue(step.Reward.Mean);
        while (_recentRewards.Count > _options.CheckpointEvery)
            _recentRewards.Dequeue();
        Append(MetricsLine.OfStep(step));
        _times.Append(step);
    }

    /// <summary>Writes down what was measured.</summary>
    public void Record(HeldOutMeasurement measurement)
    {
        _unsaved = true;
        Append(MetricsLine.OfMeasurement(measurement, _stopping!.Name));
    }

    /// <summary>Whether a checkpoint is to be written now.</summary>
    /// <param name="step">The rollouts made.</param>
    /// <param name="hasEnded">Whether the run is at its end.</param>
    public bool IsDue(long step, bool hasEnded) => _unsaved && (hasEnded || (step > 0 && step % _options.CheckpointEvery == 0));

    /// <summary>Whether a run that stops here is to be written.</summary>
    public bool IsDueAtStop => _unsaved && _options.CheckpointOnStop;

    /// <summary>Writes a checkpoint of the state, which stays the caller's.</summary>
    /// <param name="state">Everything, as it is now.</param>
    /// <param name="weights">The trained weights, as precisely as there are.</param>
    /// <param name="measured">What early stopping says the weights are worth; null if it does not.</param>
    /// <returns>What was in the way of writing it; null if it is written.</returns>
    /// <exception cref="RunFolderException">A number of the state is not finite.</exception>
    public Exception? Save(TrainerState state, IReadOnlyDictionary<string, Tensor> weights, double? measured)
    {
        RequireFinite(state.Step, state.Learned);
        try
        {
            _metrics.Flush();
            _store.Write(Manifest(state.Step, measured), (file, path) =>
            {
                if (file == CheckpointFiles.Policy)
                    Checkpoint.Save(path, weights);
                else
                    state.SaveWithoutWeights(path);
            });
            _unsaved = false;
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CheckpointException)
        {
            RunLog.NotSaved(_logger, exception, state.Step, DiskRemedy);
            return exception;
        }
    }

    /// <summary>An error that says that a checkpoint could not be written.</summary>
    public RunFolderException NotSaved(Exception exception) => new(_folder, $"has no new checkpoint: {exception.InnerException?.Message ?? exception.Message} The earlier ones are as they were. {DiskRemedy}", exception);

    /// <summary>An error that says that the checkpoint's state does not fit the trainer.</summary>
    public RunFolderException NotTakenUp(Exception exception) => new(
        _folder,
        $"has a checkpoint after rollout {Resumed!.Manifest.Step} that this trainer cannot go on from: {exception.Message} Parts that have a state, such as the policy, steered schedules and early stopping, must be those of the run, {nameof(RunFolderOptions.AcceptChanges)} or not.",
        exception);

    public void Dispose()
    {
        _metrics.Dispose();
        _times.Dispose();
        _lock.Dispose();
    }

    private RunSettings Settings { get; set; } = RunSettings.None;

    private void Compare(CheckpointManifest manifest, RunSettings settings)
    {
        List<string> changes = [.. RunSettings.Differences(manifest.Settings, settings.Deciding)];
        if (changes.Count > 0 && !_options.AcceptChanges)
        {
            throw new RunFolderException(
                _folder,
                $"is of a run with other settings: {string.Join("; ", changes)}. Build the trainer as it was, give the run a folder of its own, or set {nameof(RunFolderOptions)}.{nameof(RunFolderOptions.AcceptChanges)} to go on with what is new.");
        }

        if (changes.Count > 0)
            RunLog.Changed(_logger, _folder, string.Join("; ", changes));
        List<string> surroundings = [.. RunSettings.Differences(manifest.Environment, settings.Environment)];
        if (surroundings.Count > 0)
            RunLog.OtherEnvironment(_logger, _folder, string.Join("; ", surroundings));
    }

    private CheckpointManifest Manifest(long step, double? measured) => new()
    {
        Version = CheckpointManifest.CurrentVersion,
        Step = step,
        Measure = _stopping?.Name ?? MeanReward,
        Value = _stopping is not null ? measured : _recentRewards.Count > 0 ? _recentRewards.Average() : null,
        HigherIsBetter = _stopping?.HigherIsBetter ?? true,
        MetricsBytes = _metrics.Length,
        MetricsChecksum = _metrics.Checksum,
        RecentRewards = [.. _recentRewards],
        Settings = Settings.Deciding,
        Environment = Settings.Environment,
    };

    private void RequireFinite(long step, IEnumerable<KeyValuePair<string, Tensor>> tensors)
    {
        foreach ((string name, Tensor tensor) in tensors)
        {
            using Tensor finite = tensor.isfinite();
            using Tensor all = finite.all();
            if (all.item<bool>())
                continue;
            string back = Resumed is null && !RunFolder.Checkpoints(_folder).Any() ? "Begin again" : "Build the trainer anew on this folder, which goes back to the newest checkpoint,";
            throw new RunFolderException(
                _folder,
                $"gets no checkpoint after rollout {step}: '{name}' has numbers that are NaN or infinite, so the policy is ruined. {back} with a lower learning rate (set {nameof(RunFolderOptions)}.{nameof(RunFolderOptions.AcceptChanges)}) or {nameof(AlignmentOptions.MaximumGradientNorm)}.");
        }
    }

    private void Append(byte[] line)
    {
        try
        {
            _metrics.Append(line);
            _metricsFail = false;
        }
        catch (IOException exception)
        {
            if (!_metricsFail)
                RunLog.MetricsNotWritten(_logger, exception, _metrics.Path, DiskRemedy);
            _metricsFail = true;
        }
    }
}
