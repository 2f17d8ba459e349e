using System.Diagnostics;
using Microsoft.Extensions.Logging;
using TorchSharp;
using VaPi.Alignment.Advantages;
using VaPi.Alignment.Metrics;
using VaPi.Alignment.Optimisation;
using VaPi.Alignment.Reading;
using VaPi.Alignment.Regularisers;
using VaPi.Alignment.Rollouts;
using VaPi.Alignment.Running;
using VaPi.Alignment.Runs;
using VaPi.Alignment.Schedules;
using VaPi.Alignment.State;
using VaPi.Alignment.Stopping;
using VaPi.Alignment.Surrogates;
using VaPi.Checkpoints;
using VaPi.Compute;
using VaPi.Data;
using VaPi.Native;
using VaPi.Rewards;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;
using Phase = VaPi.Alignment.Metrics.PhaseClock.Phase;

namespace VaPi.Alignment;

/// <summary>
/// Aligns a policy with pixels (VA-π): samples tokens under teacher forcing from a noisy prefix, decodes them with the frozen
/// tokenizer, rewards closeness to the original image, and updates the policy by group-relative policy optimisation with a
/// prior term. Not thread-safe: one step or run at a time, which it checks.
/// </summary>
public sealed class AlignmentTrainer : IDisposable
{
    // Each generator has its own stream, also where all follow one seed.
    private const long DropoutSalt = 0x64726F70;

    private const string SkippedName = "skipped.in-a-row";
    private const string UnreadableName = "data.unreadable";

    private readonly IAdvantageEstimator _advantage;
    private readonly DropoutRandom _dropout;
    private readonly Action<IReadOnlyList<(string Name, Tensor Gradient)>>? _gradientHook;
    private readonly PolicyGradient _gradient;
    private readonly HeldOutMonitor? _heldOut;
    private readonly ImageQueue _images;
    private readonly ILogger _logger;
    private readonly AlignmentMeter _meter;
    private readonly bool _needsAdvantages;
    private readonly AdamW _optimiser;
    private readonly AlignmentOptions _options;
    private readonly IReadOnlyList<(string Name, Parameter Parameter)> _parameters;
    private readonly IAutoregressivePolicy _policy;
    private readonly RolloutRandom _random;
    private readonly IReferencePolicy? _reference;
    private readonly IRolloutSource _rollouts;
    private readonly OpenRun? _run;
    private readonly RunSchedules _schedules;
    private readonly GroupScoring _scoring;
    private readonly StraightThrough? _straightThrough;
    private readonly ITokenizer _tokenizer;
    private readonly IReadOnlyList<IReadOnlyList<Minibatch>> _updates;
    private bool _disposed;
    private bool _isHalfMade; // a rollout failed after its first update
    private int _running;
    private int _skippedInARow;
    private int _stepping;
    private long _step;
    private DedicatedThread? _thread;

    internal AlignmentTrainer(
        ITokenizer tokenizer,
        IAutoregressivePolicy policy,
        IRewardFunction reward,
        IImageSource images,
        IRolloutSource rollouts,
        IAdvantageEstimator advantage,
        ISurrogate surrogate,
        IReadOnlyList<IRegulariser> regularisers,
        AlignmentOptions options,
        StraightThrough? straightThrough,
        Action<IReadOnlyList<(string Name, Tensor Gradient)>>? gradientHook,
        EarlyStopping? stopping,
        OpenRun? run,
        ILogger logger,
        AlignmentMeter meter)
    {
        _tokenizer = tokenizer;
        _policy = policy;
        _rollouts = rollouts;
        _advantage = advantage;
        _options = options;
        _straightThrough = straightThrough;
        _needsAdvantages = surrogate.NeedsAdvantages;
        _gradientHook = gradientHook;
        _logger = logger;
        _meter = meter;
        _run = run;
        _scoring = new GroupScoring(tokenizer, reward, options.SamplesPerDecode);
        _gradient = new PolicyGradient(policy, surrogate, regularisers, options);
        _updates = Minibatches.Updates(options);
        _images = new ImageQueue(images, options, logger);
        _random = RolloutRandom.Of(options);
        _dropout = new DropoutRandom(options.DropoutSeed ?? unchecked(options.Seed + DropoutSalt), DropoutRandom.SeederOf(policy.Device));
        _parameters = [.. policy.NamedParameters().Where(named => named.Parameter.requires_grad)];
        _schedules = new RunSchedules(options);
        try
        {
            _optimiser = new AdamW(_parameters.Select(named => (named.Name, named.Parameter, policy.IsDecayed(named.Name))), options);
            _reference = regularisers.Any(regulariser => regulariser.NeedsReference) ? policy.CreateReference() : null;
            _heldOut = stopping is null ? null : new HeldOutMonitor(stopping, policy, _optimiser.Parameters, options.Rollouts, logger, meter);
        }
        catch
        {
            DisposeParts();
            throw;
        }

        Log.Started(
            logger,
            _parameters.Sum(named => named.Parameter.numel()),
            images.Count,
            options.Rollouts,
            options.ImagesPerRollout,
            options.GroupSize,
            _updates.Count * options.PassesPerRollout,
            reward.Name);
        int discarded = Minibatches.Count(options) - _updates.Sum(update => update.Count);
        if (discarded > 0)
            Log.Discarded(logger, discarded, Minibatches.Count(options));
        if (GarbageCollector.IsConcurrent)
            Log.ConcurrentCollector(logger);
    }

    /// <summary>The rollouts made so far.</summary>
    public long StepsDone => _step;

    /// <summary>Whether early stopping has ended the run before its last rollout.</summary>
    public bool StoppedEarly => _heldOut?.StoppedEarly ?? false;

    /// <summary>
    /// The best that early stopping has measured so far; null before the first measurement and without early stopping. Once the
    /// run has ended the policy has the parameters of then, unless <see cref="EarlyStopping.KeepBest"/> is off.
    /// </summary>
    public HeldOutMeasurement? Best => _heldOut?.Best;

    /// <summary>The rollouts made in the checkpoint that the run was resumed from; null if it was not resumed.</summary>
    public long? ResumedFrom => _run?.Resumed?.Manifest.Step;

    /// <summary>Starts putting a trainer together.</summary>
    public static AlignmentTrainerBuilder CreateBuilder() => new();

    /// <summary>Makes one rollout and its updates, on the calling thread.</summary>
    /// <param name="cancellationToken">
    /// Cancels until the first update is made; from then on the rollout is finished, so that no update is half applied.
    /// </param>
    /// <returns>What it did.</returns>
    /// <exception cref="OperationCanceledException">Cancelled; the step has changed nothing and can be made again.</exception>
    /// <exception cref="Rewards.RewardException">
    /// The reward broke its contract, or was not finite in more than <see cref="AlignmentOptions.MaximumSkippedRollouts"/> in a
    /// row; the step has changed nothing.
    /// </exception>
    /// <exception cref="Data.ImageDataException">
    /// More images than <see cref="AlignmentOptions.MaximumUnreadableShare"/> cannot be read; the step has changed nothing. Whatever
    /// else an image source throws comes through as it is.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// Another step or run is under way; a source, advantage, surrogate or regulariser broke its contract; more than
    /// <see cref="AlignmentOptions.MaximumSkippedRollouts"/> in a row had a loss or gradient that is not finite; or, with early
    /// stopping, the run has ended or the policy could not be measured.
    /// </exception>
    /// <exception cref="RunFolderException">The policy is ruined, so that no checkpoint of it is written.</exception>
    public AlignmentStep Step(CancellationToken cancellationToken = default)
    {
        using IDisposable exclusive = Enter();
        return ExclusiveStep(cancellationToken) ?? throw new InvalidOperationException(
            $"The run has ended {(StoppedEarly ? "early" : "with its last rollout")}, after {_step} rollouts, so there is no further step. Build another trainer to align the policy further.");
    }

    /// <summary>
    /// Makes the rollouts that are left of <see cref="AlignmentOptions.Rollouts"/>, or until early stopping ends the run, each
    /// when it is asked for: no step runs while the consumer holds an item. Steps run on one thread of their own.
    /// </summary>
    /// <param name="cancellationToken">Cancels a step as in <see cref="Step"/>, and the enumeration.</param>
    /// <exception cref="InvalidOperationException">Another step or run is under way.</exception>
    public async IAsyncEnumerable<AlignmentStep> RunAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using IDisposable exclusive = Enter();

        // Dispose scopes and gradient mode are per thread in TorchSharp, so they must not be held across an await.
        using var thread = new DedicatedThread("VaPi alignment");
        _thread = thread;
        try
        {
            while (!RunHasEnded)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (await thread.Run(() => ExclusiveStep(cancellationToken)).ConfigureAwait(false) is { } step)
                    yield return step;
                ObjectDisposedException.ThrowIf(_disposed, this);
            }
        }
        finally
        {
            _thread = null;
            if (!_disposed && _run is { IsDueAtStop: true } && !_isHalfMade)
                await thread.Run(SaveAtStop).ConfigureAwait(false);
        }
    }

    /// <summary>Makes all rollouts that are left, for those who do not enumerate.</summary>
    /// <param name="progress">Told of every step.</param>
    /// <param name="cancellationToken">As in <see cref="RunAsync"/>.</param>
    /// <returns>The last step; null if none was left.</returns>
    public async Task<AlignmentStep?> AlignAsync(IProgress<AlignmentStep>? progress = null, CancellationToken cancellationToken = default)
    {
        AlignmentStep? last = null;
        await foreach (AlignmentStep step in RunAsync(cancellationToken).ConfigureAwait(false))
        {
            last = step;
            progress?.Report(step);
        }

        return last;
    }

    /// <summary>
    /// Copies the weights that are trained, in full precision. A policy of 16 bits has them rounded, which at a small learning rate
    /// loses most of what was learned: save these instead. A run may be under way, between two of its items.
    /// </summary>
    /// <returns>
    /// By the names of <see cref="IAutoregressivePolicy.NamedParameters"/>, each in its parameter's shape, on the CPU: float32 where
    /// the parameter is bfloat16 or float16, else the parameter's type. Training starts them from what the policy has, rounded if it
    /// was loaded so. Once early stopping has ended the run they are those of <see cref="Best"/>, as the policy's are, unless
    /// <see cref="EarlyStopping.KeepBest"/> is off. Every tensor belongs to the caller (to the caller's dispose scope, where there is one).
    /// </returns>
    /// <exception cref="InvalidOperationException">A step is under way.</exception>
    /// <exception cref="ObjectDisposedException">The trainer is disposed.</exception>
    public IReadOnlyDictionary<string, Tensor> CopyWeights()
    {
        using IDisposable still = HoldStill();
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        var weights = _optimiser.Parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Precise.to(CPU, copy: true), StringComparer.Ordinal);
        foreach (Tensor weight in weights.Values)
            weight.MoveToOuterDisposeScope();
        return weights;
    }

    /// <summary>Copies everything random and everything learned. A run may be under way, between two of its items.</summary>
    /// <returns>Belongs to the caller.</returns>
    /// <exception cref="InvalidOperationException">A step is under way.</exception>
    public TrainerState CaptureState()
    {
        using IDisposable still = HoldStill();
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        TrainerState live = LiveState();
        var tensors = live.Tensors.ToDictionary(named => named.Key, named => named.Value.to(CPU, copy: true).DetachFromDisposeScope());
        return new TrainerState(tensors, live.Step, live.Updates, live.Epoch, live.Position);
    }

    /// <summary>
    /// Writes a checkpoint into the run folder now, beside those that are written of themselves: for runs that call
    /// <see cref="Step"/>, before they end. A run may be under way, between two of its items.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// The trainer has no run folder, a step is under way, or the last one failed after its first update.
    /// </exception>
    /// <exception cref="RunFolderException">It cannot be written; the earlier ones are as they were.</exception>
    public void SaveCheckpoint()
    {
        using IDisposable still = HoldStill();
        if (_run is null)
            throw new InvalidOperationException($"The trainer has no run folder to write a checkpoint to. Give its builder one with {nameof(AlignmentTrainerBuilder.WithRunFolder)}, or use {nameof(CaptureState)}.");
        if (_isHalfMade)
            throw new InvalidOperationException("The last rollout failed after its first update, and a checkpoint of half a rollout is none to go on from. Build the trainer anew, which goes back to the newest checkpoint.");
        if (Save() is { } failure)
            throw _run.NotSaved(failure);
    }

    /// <summary>
    /// Goes back to a captured state. The trainer must have been built from the same starting policy, parts and options.
    /// </summary>
    /// <param name="state">Stays the caller's.</param>
    /// <exception cref="ArgumentException">The state is damaged or of another policy; nothing has been changed.</exception>
    /// <exception cref="InvalidOperationException">
    /// A step or run is under way, or weights or state are being copied; or the trainer has a run folder, which keeps its state.
    /// </exception>
    public void RestoreState(TrainerState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (_run is not null)
            throw new InvalidOperationException($"The trainer goes on from its run folder, whose metrics and checkpoints would not fit another state. Build it without {nameof(AlignmentTrainerBuilder.WithRunFolder)} to restore one.");
        Restore(state);
    }

    private void Restore(TrainerState state)
    {
        using IDisposable exclusive = Enter();
        using IDisposable still = HoldStill();
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        var targets = new Dictionary<string, Tensor>();
        foreach ((string name, Parameter parameter) in _parameters)
            targets.Add(TrainerState.PolicyPrefix + name, parameter);
        foreach ((string name, Tensor value) in StateOfOptimiser())
            targets.Add(name, value);
        Tensor skipped = tensor(0L, device: CPU);
        targets.Add(SkippedName, skipped);
        foreach ((string name, Tensor value) in StateOfObservers())
            targets.Add(name, value);
        (string Name, Tensor State)[] generators = [("random.noise", _random.NoiseState), ("random.sampling", _random.SamplingState), ("random.dropout", _dropout.State)];
        List<string> problems =
        [
            .. targets.Keys.Concat(generators.Select(generator => generator.Name)).Append(UnreadableName).Where(name => !state.Tensors.ContainsKey(name)).Select(name => $"'{name}' is missing"),
            .. targets.Where(target => state.Tensors.TryGetValue(target.Key, out Tensor? stored) && !stored.shape.SequenceEqual(target.Value.shape))
                .Select(target => $"'{target.Key}' is ({string.Join(", ", state.Tensors[target.Key].shape)}) where ({string.Join(", ", target.Value.shape)}) is needed"),
            .. generators.Where(own => state.Tensors.TryGetValue(own.Name, out Tensor? stored) && !GeneratorState.IsUsable(stored, own.State))
                .Select(own => $"'{own.Name}' is no generator's state"),
            .. _schedules.Problems(state.Tensors),
        ];
        if (problems.Count > 0)
        {
            throw new ArgumentException(
                $"The state is damaged or of another policy: {string.Join("; ", problems.Take(10))}. Build the trainer from the policy, and with the steered schedules and early stopping, that the state was captured with.", nameof(state));
        }

        foreach ((string name, Tensor target) in targets)
            target.copy_(state.Tensors[name]);
        _schedules.Restore(targets);
        _heldOut?.Restore(targets);
        _random.NoiseState = state.Tensors["random.noise"];
        _random.SamplingState = state.Tensors["random.sampling"];
        _dropout.State = state.Tensors["random.dropout"];
        (_step, _optimiser.Updates, _skippedInARow) = (state.Step, state.Updates, (int)skipped.item<long>());
        _images.Restart(state.Epoch, state.Position, state.Tensors[UnreadableName].to(ScalarType.Int64).data<long>().ToArray());
        _isHalfMade = false;
    }

    /// <summary>
    /// Releases what the trainer made. The policy, tokenizer, reward and images stay as they are. A read of images that is under
    /// way is waited for, though not longer than a few seconds. A run whose consumer holds an item, or has stopped reading for
    /// good, ends: asking it for another is an <see cref="ObjectDisposedException"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">A step is under way, or weights or state are being copied.</exception>
    public void Dispose()
    {
        if (_disposed)
            return;
        if (Interlocked.Exchange(ref _stepping, 1) == 1)
            throw new InvalidOperationException("The trainer cannot be disposed while a step is under way; cancel it and await its end first.");
        _disposed = true;
        _thread?.Dispose();
        DisposeParts();
        _run?.Dispose();
    }

    /// <summary>Takes up the run in its folder: where it was stopped, or at its beginning.</summary>
    /// <param name="parts">What decides the run's numbers beside the options, by name.</param>
    /// <exception cref="RunFolderException">The folder is of another run, or its state does not fit.</exception>
    internal void TakeUp(IEnumerable<(string Name, string Value)> parts)
    {
        List<(string Name, string Value)> deciding = [.. RunSettings.OfOptions(_options), .. parts, ("trained parameters", RunSettings.SizeOf(_parameters))];

        // All that is trained comes from the checkpoint; but the reference is what the policy is now.
        if (_reference is not null)
            deciding.Add(("starting policy", RunSettings.HashOf(_parameters.Select(named => (named.Name, (Tensor)named.Parameter)))));
        _run!.Accept(new RunSettings(deciding.ToDictionary(setting => setting.Name, setting => setting.Value), RunSettings.EnvironmentOf(_policy.Device)));
        if (_run.Resumed is not null)
            GoOn(_run);
        _run.Begin();
    }

    private void GoOn(OpenRun run)
    {
        try
        {
            using TrainerState state = run.LoadState();
            Restore(state);
        }
        catch (Exception exception) when (exception is ArgumentException or CheckpointException)
        {
            throw run.NotTakenUp(exception);
        }
    }

    // Of a constructor that failed, too: then not all are there.
    private void DisposeParts()
    {
        _images.Dispose();
        _optimiser?.Dispose();
        _reference?.Dispose();
        _heldOut?.Dispose();
        _random.Dispose();
        _dropout.Dispose();
    }

    private Releaser Enter()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return Interlocked.Exchange(ref _running, 1) == 0
            ? new Releaser(() => Volatile.Write(ref _running, 0))
            : throw new InvalidOperationException("Another step or run of this trainer is under way. Await its end, or make a second trainer.");
    }

    // No step begins while this is held: a run's owner may copy state and weights between two items.
    private Releaser HoldStill()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return Interlocked.Exchange(ref _stepping, 1) == 0
            ? new Releaser(() => Volatile.Write(ref _stepping, 0))
            : throw new InvalidOperationException("A step of this trainer is under way. Copy its state or weights between steps: after Step, or while holding an item of RunAsync.");
    }

    private bool RunHasEnded => _heldOut?.HasEnded ?? _step >= _options.Rollouts;

    private IEnumerable<(string Name, Tensor Value)> StateOfOptimiser() =>
    [
        .. _optimiser.Moments.SelectMany(moments => new[] { ($"optimiser.first.{moments.Name}", moments.First), ($"optimiser.second.{moments.Name}", moments.Second) }),
        .. _optimiser.Masters.Select(master => (TrainerState.MasterPrefix + master.Name, master.Master)),
    ];

    /// <summary>The state without a copy of it, in the caller's dispose scope; not to be disposed.</summary>
    private TrainerState LiveState()
    {
        var tensors = new Dictionary<string, Tensor>();
        foreach ((string name, Parameter parameter) in _parameters)
            tensors.Add(TrainerState.PolicyPrefix + name, parameter.detach());
        foreach ((string name, Tensor value) in StateOfOptimiser().Concat(StateOfObservers()))
            tensors.Add(name, value);
        tensors.Add("random.noise", _random.NoiseState);
        tensors.Add("random.sampling", _random.SamplingState);
        tensors.Add("random.dropout", _dropout.State);
        tensors.Add(UnreadableName, tensor(_images.Unreadable.Select(index => (long)index).ToArray(), device: CPU));
        tensors.Add(SkippedName, tensor((long)_skippedInARow, device: CPU));
        return new TrainerState(tensors, _step, _optimiser.Updates, _images.Epoch, _images.Position);
    }

    /// <summary>Writes a checkpoint into the run folder; the caller holds still.</summary>
    /// <returns>What was in the way; null if it is written.</returns>
    private Exception? Save()
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Dictionary<string, Tensor> weights = _optimiser.Parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Precise.detach(), StringComparer.Ordinal);
        return _run!.Save(LiveState(), weights, _heldOut?.ValueAt(_step));
    }

    private Exception? SaveAtStop()
    {
        using IDisposable still = HoldStill();
        try
        {
            return Save();
        }
        catch (RunFolderException exception)
        {
            // What stopped the run matters more.
            Log.Failed(_logger, exception, _step);
            return exception;
        }
    }

    // What steers schedules and stops the run by what was measured has a state of its own.
    private IEnumerable<(string Name, Tensor Value)> StateOfObservers() => _schedules.Capture().Concat(_heldOut?.Capture() ?? []);

    /// <summary>A step and, where it is due, the measurement after it.</summary>
    /// <returns>Null if early stopping has ended the run.</returns>
    private AlignmentStep? ExclusiveStep(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using IDisposable still = HoldStill();

        // The starting policy, or what an earlier step was cancelled or failed in measuring.
        Measure(cancellationToken);
        if (_heldOut?.HasEnded ?? false)
        {
            SaveIfDue();
            return null;
        }

        AlignmentStep step = UndoableStep(cancellationToken);
        _run?.Record(step);
        try
        {
            step = step with { HeldOut = Measure(cancellationToken) };
        }
        catch (OperationCanceledException)
        {
            return step; // the rollout is made; the next step measures
        }

        step = step with { CheckpointError = SaveIfDue() };
        if (_skippedInARow > _options.MaximumSkippedRollouts)
            throw new InvalidOperationException($"{step.SkipReason} {SkippingGoesOn} The rollouts made so far stay made.");
        return step;
    }

    private double? Measure(CancellationToken cancellationToken)
    {
        double? measured = _heldOut?.MeasureIfDue(_step, cancellationToken);
        if (measured is { } value)
            _run?.Record(new HeldOutMeasurement(_step, value));
        return measured;
    }

    private string? SaveIfDue() => _run is not null && _run.IsDue(_step, RunHasEnded) ? Save()?.Message : null;

    private string SkippingGoesOn =>
        $"In {_skippedInARow + 1} rollouts in a row updates were not made, and {nameof(AlignmentOptions)}.{nameof(AlignmentOptions.MaximumSkippedRollouts)} is {_options.MaximumSkippedRollouts}.";

    /// <summary>A step, undone as far as it went if it is cancelled or fails before its first update.</summary>
    private AlignmentStep UndoableStep(CancellationToken cancellationToken)
    {
        using IDisposable gradients = enable_grad(); // whatever the caller's thread has switched off
        using DisposeScope scope = NewDisposeScope();
        (Tensor noise, Tensor sampling, Tensor dropout) = (_random.NoiseState, _random.SamplingState, _dropout.State);
        long updates = _optimiser.Updates;
        using Activity? activity = AlignmentActivities.StartStep(_step + 1);
        try
        {
            AlignmentStep step = Rollout(cancellationToken);
            _images.Finish();
            _step++;
            _skippedInARow = step.SkippedUpdates == 0 ? 0 : _skippedInARow + 1;
            _isHalfMade = false;
            _schedules.Observe(step);
            Log.Stepped(_logger, step.Index, step.Reward.Mean, step.PolicyLoss, step.PriorLoss, step.GradientNorm, step.ImagesPerSecond);
            _meter.Record(step, _options.ImagesPerRollout);
            return step;
        }
        catch (Exception exception)
        {
            _optimiser.DropGradients();
            activity?.SetStatus(ActivityStatusCode.Error, exception.Message);
            _isHalfMade = _optimiser.Updates != updates;
            if (!_isHalfMade)
                (_random.NoiseState, _random.SamplingState, _dropout.State) = (noise, sampling, dropout);
            if (exception is OperationCanceledException && cancellationToken.IsCancellationRequested)
                Log.Cancelled(_logger, _step + 1);
            else
                Log.Failed(_logger, exception, _step + 1);
            throw;
        }
        finally
        {
            if (_optimiser.Updates != updates)
                _images.Finish(); // until then the same images are there for another attempt
        }
    }

    /// <summary>One rollout of VA-π and its updates, as the paper has them.</summary>
    private AlignmentStep Rollout(CancellationToken cancellationToken)
    {
        using IDisposable lent = _dropout.Lend();
        using DisposeScope scope = NewDisposeScope();
        var clock = new PhaseClock();

        ReadBatch read = _images.Current(left: _options.Rollouts - _step - 1, cancellationToken);
        KnownTokens.Check(read.Images, _tokenizer);
        using ImageBatch batch = read.Images.To(_policy.Device);
        clock.Lap(Phase.Data);
        cancellationToken.ThrowIfCancellationRequested();

        // Tokens of the images, contextual noise in their prefix, and a group of samples from one teacher-forced forward.
        using Rollout rollout = CollectRollout(batch, cancellationToken);
        clock.Lap(Phase.Sample, Phase.Encode, rollout.EncodeSeconds);
        cancellationToken.ThrowIfCancellationRequested();

        RewardBatch scored;
        RelaxedTokens? relaxed;
        try
        {
            (scored, relaxed) = DecodeAndScore(batch, rollout, cancellationToken);
        }
        catch (RewardException exception) when (exception.IsNotFinite && _options.MaximumSkippedRollouts > 0)
        {
            // Nothing can be learned from these images; the next may do.
            if (_skippedInARow >= _options.MaximumSkippedRollouts)
                throw exception.Because(SkippingGoesOn);
            Log.SkippedRollout(_logger, _step + 1, exception.Message);
            return Record(rewards: null, rollout, new UpdateRecord([], [], _updates.Count * _options.PassesPerRollout, exception.Message), read.UnreadableSoFar, clock);
        }

        using RewardBatch rewards = scored; // (B, G)
        Tensor advantages = EstimateAdvantages(rewards, rollout); // (R, S, 1) or (R, S, T)
        clock.Lap(Phase.Score);
        cancellationToken.ThrowIfCancellationRequested();

        UpdateRecord updates = UpdatePolicy(rollout, advantages, relaxed, clock, cancellationToken);
        return Record(rewards, rollout, updates, read.UnreadableSoFar, clock);
    }

    private Rollout CollectRollout(ImageBatch batch, CancellationToken cancellationToken)
    {
        bool straightThrough = _straightThrough is not null;
        bool keepFeatures = straightThrough || PolicyPasses.KeepsSamplingForward(_options);
        Rollout rollout = _rollouts.Collect(new RolloutRequest
        {
            Index = _step,
            Images = batch.Images,
            Tokens = batch.Tokens,
            Condition = batch.Condition,
            Tokenizer = _tokenizer,
            Policy = _policy,
            Options = _options,
            ContextNoise = _schedules.ContextNoise(_step),
            Random = _random,
            KeepFeatures = keepFeatures,
            Mode = straightThrough && _options.Mode == AlignmentMode.Training ? PolicyMode.Training : PolicyMode.Evaluation,
            KeepPerturbation = straightThrough,
            CancellationToken = cancellationToken,
        });
        string? problem =
            _rollouts.HasTargets && rollout.TrueTokens is null ? "says that it has targets but gave no TrueTokens"
            : rollout.Features is not null && !keepFeatures ? "gave Features although KeepFeatures is false, so they cannot be those of the training forward"
            : rollout.Features is not null && rollout.TrueTokens is not null && rollout.TrueLogProbabilities is null ? "gave Features without TrueLogProbabilities"
            : straightThrough && (rollout.Features is null || rollout.Perturbation is null) ? "gave no Features or no Perturbation, through which straight-through estimation differentiates"
            : _schedules.NeedEntropy && rollout.Entropy is null ? "gave no Entropy, by which a schedule is steered"
            : null;
        if (problem is null)
            return rollout;
        rollout.Dispose();
        throw new InvalidOperationException($"The rollout source {_rollouts.GetType().Name} {problem}. Correct its Collect.");
    }

    private (RewardBatch Rewards, RelaxedTokens? Relaxed) DecodeAndScore(ImageBatch batch, Rollout rollout, CancellationToken cancellationToken)
    {
        Tensor samples = rollout.Samples.view(batch.Count, -1, rollout.Samples.shape[2]); // (B, G, T)
        Tensor? targets = _rollouts.HasTargets ? batch.Images : null;
        if (_straightThrough is null)
            return (_scoring.Score(targets, batch.Condition, samples, cancellationToken), null);

        // The loss is minus the mean reward.
        (RewardBatch rewards, Tensor atVectors) = _scoring.ScoreThrough(_straightThrough.Tokenizer, targets, batch.Condition, samples, cancellationToken);
        Tensor ofLoss = atVectors.mul_(-1.0 / rewards.Values.numel()).view([.. rollout.Samples.shape, -1]); // (R, S, T, C)
        return (rewards, new RelaxedTokens(ofLoss, rollout.Perturbation!, _straightThrough.Tokenizer.Codebook, _straightThrough.Temperature));
    }

    private Tensor EstimateAdvantages(RewardBatch rewards, Rollout rollout)
    {
        using IDisposable gradients = no_grad();
        if (!_needsAdvantages)
            return rewards.Values.view(rollout.Samples.shape[0], rollout.Samples.shape[1], 1);
        Tensor estimated = rewards.PositionValues ?? rewards.Values;
        Tensor advantages = _advantage.Estimate(estimated);
        if (!advantages.shape.SequenceEqual(estimated.shape))
        {
            throw new InvalidOperationException(
                $"{_advantage.GetType().Name} was given rewards of shape ({string.Join(", ", estimated.shape)}) and estimated advantages of shape ({string.Join(", ", advantages.shape)}); they must be of the same shape.");
        }

        return advantages.view(rollout.Samples.shape[0], rollout.Samples.shape[1], -1).clamp(-_options.AdvantageClip, _options.AdvantageClip);
    }

    private UpdateRecord UpdatePolicy(
        Rollout rollout, Tensor advantages, RelaxedTokens? relaxed, PhaseClock clock, CancellationToken cancellationToken)
    {
        Tensor? reference = OfReference(rollout); // (R, S, T)
        double learningRate = _schedules.LearningRate(_step);
        var metrics = new List<Tensor>();
        var norms = new List<Tensor>();
        (int skipped, string? skipReason) = (0, null);
        for (int pass = 0; pass < _options.PassesPerRollout; pass++)
        {
            foreach (IReadOnlyList<Minibatch> update in _updates)
            {
                _optimiser.DropGradients();
                foreach (Minibatch minibatch in update)
                {
                    metrics.Add(_gradient.Accumulate(rollout, reference, advantages, relaxed, minibatch, 1.0 / update.Count));
                    if (update.Count > 1)
                        _optimiser.SumGradients();
                }

                ShowGradients();
                clock.Lap(Phase.Train);

                // Once the first update is made the rollout is finished: cancelling in between would leave half of it.
                if (norms.Count == 0)
                    cancellationToken.ThrowIfCancellationRequested();
                Tensor norm = _optimiser.GradientNorm();
                if (NotFinite(norm, metrics.GetRange(metrics.Count - update.Count, update.Count), learningRate) is { } reason)
                {
                    (skipped, skipReason) = (skipped + 1, reason);
                    Log.SkippedUpdate(_logger, reason);
                    continue;
                }

                _optimiser.Step(norm, learningRate);
                norms.Add(norm);
                clock.Lap(Phase.Update);
            }
        }

        _optimiser.DropGradients();
        if (norms.Count == 0 && _skippedInARow >= _options.MaximumSkippedRollouts)
            throw new InvalidOperationException($"{skipReason} {SkippingGoesOn}");
        return new UpdateRecord(
            Read(metrics), norms.Count == 0 ? [] : stack(norms).to(ScalarType.Float64).cpu().data<double>().ToArray(), skipped, skipReason);
    }

    private IReadOnlyList<MinibatchMetrics> Read(IReadOnlyList<Tensor> metrics)
    {
        double[] values = stack(metrics).to(ScalarType.Float64).cpu().data<double>().ToArray();
        int width = values.Length / metrics.Count;
        return [.. Enumerable.Range(0, metrics.Count).Select(index => _gradient.Read(values.AsSpan(index * width, width)))];
    }

    // The one number that is read before an update is made: a gradient that is not finite would ruin the policy for good. The
    // losses come from the same device at the same time.
    private string? NotFinite(Tensor norm, IReadOnlyList<Tensor> minibatches, double learningRate)
    {
        using DisposeScope scope = NewDisposeScope();
        double[] read = stack([norm.to(ScalarType.Float64), .. minibatches.Select(minibatch => minibatch[0].to(ScalarType.Float64))]).cpu().data<double>().ToArray();
        int wrong = Array.FindIndex(read, value => !double.IsFinite(value));
        if (wrong < 0)
            return null;
        MinibatchMetrics metrics = Read(minibatches)[Math.Max(0, wrong - 1)];
        string terms = string.Join(", ", metrics.Regularisers.Select(term => $"{term.Key} {term.Value}"));
        return $"In rollout {_step + 1} the {(wrong == 0 ? "gradient's norm" : "loss")} is {read[wrong]}, so its update was not made (policy loss {metrics.PolicyLoss}, {terms}, mean ratio {metrics.MeanRatio}, learning rate {learningRate}). Lower the learning rate, or look at the surrogate, advantage or regulariser whose term is not finite.";
    }

    // As many contexts at a time as a minibatch has, so that the frozen policy needs no more memory than the trained one.
    private Tensor? OfReference(Rollout rollout)
    {
        if (_reference is null)
            return null;
        int contexts = rollout.Condition.Count;
        int atATime = Math.Clamp(Minibatches.Size(_options) / (int)rollout.Samples.shape[1], 1, contexts);
        var parts = new List<Tensor>();
        for (int first = 0; first < contexts; first += atATime)
        {
            int count = Math.Min(atATime, contexts - first);
            using Condition part = rollout.Condition.Select([.. Enumerable.Range(first, count)]);
            parts.Add(_reference.LogProbabilities(
                part, rollout.Context.narrow(0, first, count), rollout.Samples.narrow(0, first, count), _options.Temperature, rollout.Support?.narrow(0, first, count)));
        }

        return cat(parts);
    }

    private void ShowGradients()
    {
        if (_gradientHook is null)
            return;
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        _gradientHook([.. _optimiser.Gradients()]);
    }

    private AlignmentStep Record(RewardBatch? rewards, Rollout rollout, UpdateRecord updates, int unreadableImages, PhaseClock clock)
    {
        IReadOnlyList<MinibatchMetrics> minibatches = updates.Minibatches;
        RewardStatistics statistics = rewards is null ? RewardStatistics.NotFinite : RewardStatistics.Of(rewards.Values);
        if (statistics.GroupDeviation == 0 && _needsAdvantages)
            Log.NoSpread(_logger, _step + 1);
        Dictionary<string, double> regularisers = minibatches
            .SelectMany(minibatch => minibatch.Regularisers)
            .GroupBy(term => term.Key)
            .ToDictionary(term => term.Key, term => term.Average(value => value.Value));
        PhaseSeconds seconds = clock.Read();
        return new AlignmentStep
        {
            Index = _step + 1,
            Reward = statistics,
            RewardComponents = rewards?.Components.ToDictionary(part => part.Key, part => RewardStatistics.Of(part.Value)) ?? [],
            PolicyLoss = Mean(minibatches.Select(minibatch => minibatch.PolicyLoss)),
            PriorLoss = regularisers.TryGetValue("prior", out double prior) ? prior : null,
            KlDivergence = regularisers.TryGetValue("kl", out double divergence) ? divergence : null,
            Regularisers = regularisers,
            MeanRatio = Mean(minibatches.Select(minibatch => minibatch.MeanRatio)),
            ClippedFraction = Mean(minibatches.Select(minibatch => minibatch.ClippedFraction)),
            Entropy = rollout.Entropy?.to(ScalarType.Float64).item<double>(),
            GradientNorm = Mean(updates.GradientNorms),
            GradientNorms = updates.GradientNorms,
            SkippedUpdates = updates.Skipped,
            SkipReason = updates.SkipReason,
            Minibatches = minibatches,
            ContextNoise = _schedules.ContextNoise(_step),
            LearningRate = _schedules.LearningRate(_step),
            UnreadableImages = unreadableImages,
            Seconds = seconds,
            ImagesPerSecond = _options.ImagesPerRollout / seconds.Total,
        };
    }

    private static double Mean(IEnumerable<double> values) => values.DefaultIfEmpty(double.NaN).Average();

    private sealed class Releaser(Action release) : IDisposable
    {
        public void Dispose() => release();
    }
}
