using Microsoft.Extensions.Logging;
using TorchSharp;
using VaPi.Alignment.Metrics;
using VaPi.Alignment.Optimisation;
using VaPi.Alignment.State;
using static TorchSharp.torch;

namespace VaPi.Alignment.Stopping;

/// <summary>Early stopping in a run: measures when it is time, keeps the best parameters, and says when the run has ended.</summary>
internal sealed class HeldOutMonitor : IDisposable
{
    private const string Numbers = "stopping.numbers";

    // Any: all that matters is that every measurement begins with the same.
    private const long MeasureSeed = 0x6D656173757265;

    private readonly List<(OptimisedParameter Parameter, Tensor Best)> _kept = [];
    private readonly ILogger _logger;
    private readonly AlignmentMeter _meter;
    private readonly IAutoregressivePolicy _policy;
    private readonly long _rollouts;
    private readonly EarlyStopping _stopping;
    private long _measured = -1;
    private double _measuredValue = double.NaN;
    private int _withoutImprovement;

    public HeldOutMonitor(
        EarlyStopping stopping, IAutoregressivePolicy policy, IEnumerable<OptimisedParameter> parameters, long rollouts, ILogger logger, AlignmentMeter meter)
    {
        (_stopping, _policy, _rollouts, _logger, _meter) = (stopping, policy, rollouts, logger, meter);
        if (!stopping.KeepBest)
            return;
        using IDisposable gradients = no_grad();
        foreach (OptimisedParameter parameter in parameters)
            _kept.Add((parameter, parameter.Precise.to(CPU, copy: true).DetachFromDisposeScope()));
    }

    /// <summary>The best measurement so far; null before the first.</summary>
    public HeldOutMeasurement? Best { get; private set; }

    public bool StoppedEarly { get; private set; }

    public bool HasEnded => StoppedEarly || _measured >= _rollouts;

    /// <summary>Measures if it is time and has not been done, and ends the run if that says so.</summary>
    /// <param name="step">The rollouts made so far.</param>
    /// <param name="cancellationToken">Given to the measure. What is cancelled is still to be measured.</param>
    /// <returns>What was measured; null if nothing was.</returns>
    public double? MeasureIfDue(long step, CancellationToken cancellationToken)
    {
        if (HasEnded || step == _measured || (step % _stopping.Every != 0 && step < _rollouts))
            return null;
        double value = Measured(step, cancellationToken);
        _meter.RecordHeldOut(_stopping.Name, value);
        Judge(step, value);
        (_measured, _measuredValue) = (step, value);
        if (HasEnded)
            PutBestBack();
        return value;
    }

    /// <summary>What the policy as it is after a rollout was measured at; null if it was not.</summary>
    public double? ValueAt(long step) => HasEnded && _kept.Count > 0 ? Best?.Value : step == _measured ? _measuredValue : null;

    /// <summary>All that makes a resumed run go on alike. The best parameters stay the monitor's, the rest is the caller's.</summary>
    public IEnumerable<(string Name, Tensor Value)> Capture()
    {
        double[] numbers = [_measured, _withoutImprovement, StoppedEarly ? 1 : 0, Best?.Step ?? -1, Best?.Value ?? double.NaN, _measuredValue];
        return [(Numbers, tensor(numbers, device: CPU)), .. _kept.Select(kept => ($"stopping.best.{kept.Parameter.Name}", kept.Best))];
    }

    /// <summary>Takes over what was captured, but for the best parameters, which the caller has copied into place.</summary>
    /// <param name="state">By name, float64.</param>
    public void Restore(IReadOnlyDictionary<string, Tensor> state)
    {
        double[] numbers = state[Numbers].data<double>().ToArray();
        (_measured, _withoutImprovement, StoppedEarly) = ((long)numbers[0], (int)numbers[1], numbers[2] != 0);
        _measuredValue = numbers[5];
        Best = numbers[3] >= 0 ? new HeldOutMeasurement((long)numbers[3], numbers[4]) : null;
    }

    public void Dispose()
    {
        foreach ((_, Tensor best) in _kept)
            best.Dispose();
    }

    private double Measured(long step, CancellationToken cancellationToken)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using var random = new DropoutRandom(MeasureSeed);
        using IDisposable lent = random.Lend();
        double value;
        try
        {
            value = _stopping.Measure(_policy, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            throw Failed(step, $"failed ({exception.Message})", exception);
        }

        return double.IsFinite(value) ? value : throw Failed(step, $"gave {value} where a finite number is due", inner: null);
    }

    private InvalidOperationException Failed(long step, string problem, Exception? inner) => new(
        $"After rollout {step} measuring the {_stopping.Name} {problem}. The rollouts made so far stay made; the next step or run measures again before it goes on. Correct {nameof(EarlyStopping)}.{nameof(EarlyStopping.Measure)}.",
        inner);

    private void Judge(long step, double value)
    {
        if (Best is null || _stopping.Improves(value, Best.Value))
        {
            Best = new HeldOutMeasurement(step, value);
            _withoutImprovement = 0;
            Keep();
            StoppingLog.Best(_logger, step, _stopping.Name, value);
            return;
        }

        _withoutImprovement++;
        StoppingLog.NotBest(_logger, step, _stopping.Name, value, Best.Value, Best.Step, _withoutImprovement, _stopping.Patience);
        StoppedEarly = _withoutImprovement >= _stopping.Patience && step < _rollouts;
        if (StoppedEarly)
            StoppingLog.Stopped(_logger, step, _stopping.Patience, _stopping.Name, Best.Value, Best.Step);
    }

    private void Keep()
    {
        using IDisposable gradients = no_grad();
        foreach ((OptimisedParameter parameter, Tensor best) in _kept)
            best.copy_(parameter.Precise);
    }

    private void PutBestBack()
    {
        if (_kept.Count == 0 || Best!.Step == _measured)
            return;
        using IDisposable gradients = no_grad();
        foreach ((OptimisedParameter parameter, Tensor best) in _kept)
            parameter.Set(best);
        StoppingLog.PutBack(_logger, Best.Step);
    }
}
