namespace VaPi.Study.BaseTraining;

/// <summary>Ends training once a measure has stopped falling.</summary>
/// <param name="misses">The measurements in a row without a new lowest that end it; at least 1.</param>
internal sealed class Patience(int misses)
{
    private int _missed;

    /// <summary>The lowest so far; infinity at first.</summary>
    public double Lowest { get; private set; } = double.PositiveInfinity;

    public bool IsOver => _missed >= misses;

    /// <returns>Whether the value is a new lowest; NaN never is.</returns>
    public bool Observe(double value)
    {
        bool isLowest = value < Lowest;
        _missed = isLowest ? 0 : _missed + 1;
        if (isLowest)
            Lowest = value;
        return isLowest;
    }
}
