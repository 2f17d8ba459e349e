using System.Diagnostics.Metrics;

namespace Documents;

/// <summary>The code of <c>docs/observability.md</c>.</summary>
internal static class Measurements
{
    public static void Print(Action run)
    {
        #region meter-listener
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "VaPi.Alignment")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, state) => Console.WriteLine($"{instrument.Name} {value}"));
        listener.Start();
        #endregion
        run();
    }
}
