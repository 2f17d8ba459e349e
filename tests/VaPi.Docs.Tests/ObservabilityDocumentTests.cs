using System.Diagnostics.Metrics;
using Documents;
using VaPi.Alignment;
using VaPi.Alignment.Stopping;
using VaPi.Docs.Tests.Support;
using VaPi.Tests;
using VaPi.Tests.Toys;
using Xunit;

namespace VaPi.Docs.Tests;

/// <summary>The instruments that docs/observability.md lists are those that there are. Instruments are the process's.</summary>
[Collection(AloneCollection.Name)]
public class ObservabilityDocumentTests
{
    private const string RunTag = "vapi.run.name";

    [Fact]
    public void Every_instrument_is_listed_as_it_is()
    {
        using var world = new ToyWorld();
        var found = new SortedDictionary<string, (string Type, string? Unit, string Tags)>(StringComparer.Ordinal);
        var phases = new HashSet<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "VaPi.Alignment")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        void Take<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
        {
            KeyValuePair<string, object?>[] all = tags.ToArray();
            Assert.Equal("night", all.Single(tag => tag.Key == RunTag).Value);
            Assert.False(string.IsNullOrWhiteSpace(instrument.Description));
            found[instrument.Name] = (instrument.GetType().Name.Split('`')[0], instrument.Unit, string.Join(' ', all.Select(tag => tag.Key).Where(key => key != RunTag)));
            phases.UnionWith(all.Where(tag => tag.Key == "vapi.phase.name").Select(tag => (string)tag.Value!));
        }

        listener.SetMeasurementEventCallback<long>(Take);
        listener.SetMeasurementEventCallback<double>(Take);
        listener.Start();
        using AlignmentTrainer trainer = world
            .Builder(options => options.MonitorKl = true)
            .WithName("night")
            .StopEarly(new EarlyStopping { Name = "constant", Measure = (_, _) => 1, HigherIsBetter = true })
            .Build();

        trainer.Step();

        Assert.Equal(Listed().Order(), found.Select(each => (each.Key, each.Value.Type, each.Value.Unit ?? "", each.Value.Tags)).Order());
        Assert.Equal(phases.Order(), PhasesListed().Order());
    }

    [Fact]
    public void The_code_prints_what_is_measured()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer trainer = world.Trainer();
        using var printed = new StringWriter();
        TextWriter console = Console.Out;
        Console.SetOut(printed);
        try
        {
            Measurements.Print(() => trainer.Step());
        }
        finally
        {
            Console.SetOut(console);
        }

        Assert.Contains("vapi.learning_rate 0.01", printed.ToString(), StringComparison.Ordinal);
    }

    private static string[][] Rows() =>
    [
        .. File.ReadLines(Path.Combine(Repository.Root, "docs", "observability.md"))
            .Where(line => line.StartsWith("| `vapi.", StringComparison.Ordinal))
            .Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim()).ToArray()),
    ];

    private static IEnumerable<(string, string, string, string)> Listed() =>
        Rows().Select(row => (row[0].Trim('`'), row[1], row[2].Trim('`'), row[4].Split(':')[0].Trim('`')));

    private static IEnumerable<string> PhasesListed() =>
        Rows().Single(row => row[0] == "`vapi.phase.duration`")[4].Split(':')[1].Split(',').Select(name => name.Trim().Trim('`'));
}
