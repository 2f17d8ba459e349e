using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using VaPi.Alignment.Stopping;
using VaPi.Checkpoints.Files;
using VaPi.Checkpoints.Tensors;
using VaPi.Native;
using static TorchSharp.torch;

namespace VaPi.Alignment.Runs;

/// <summary>What decides a run's numbers, as text by name, so that a run is not resumed with something else unawares.</summary>
/// <param name="Deciding">Options and parts.</param>
/// <param name="Environment">What may change the last digits.</param>
internal sealed record RunSettings(IReadOnlyDictionary<string, string> Deciding, IReadOnlyDictionary<string, string> Environment)
{
    // These may differ: they say how long a run is and what it puts up with, or only how it is computed.
    private static readonly string[] Free =
        [nameof(AlignmentOptions.Rollouts), nameof(AlignmentOptions.BatchesAhead), nameof(AlignmentOptions.MaximumUnreadableShare), nameof(AlignmentOptions.MaximumSkippedRollouts)];

    private const string NotThere = "(none)";

    public static RunSettings None { get; } = new(new Dictionary<string, string>(), new Dictionary<string, string>());

    /// <summary>The names of what differs, with the value before and the value now.</summary>
    public static IEnumerable<string> Differences(IReadOnlyDictionary<string, string> before, IReadOnlyDictionary<string, string> now) => now.Keys.Union(before.Keys)
        .Select(name => (Name: name, Before: before.GetValueOrDefault(name, NotThere), Now: now.GetValueOrDefault(name, NotThere)))
        .Where(setting => setting.Before != setting.Now)
        .Select(setting => PrintableText.Of($"{setting.Name} is {setting.Now} but was {setting.Before}"));

    /// <summary>Every option that decides numbers.</summary>
    public static IEnumerable<(string Name, string Value)> OfOptions(AlignmentOptions options) => typeof(AlignmentOptions)
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => !Free.Contains(property.Name))
        .Select(property => (property.Name, Text(property.GetValue(options))));

    /// <summary>Early stopping's settings.</summary>
    public static IEnumerable<(string Name, string Value)> OfStopping(EarlyStopping stopping) =>
    [
        ($"{nameof(EarlyStopping)}.{nameof(stopping.Name)}", stopping.Name),
        ($"{nameof(EarlyStopping)}.{nameof(stopping.HigherIsBetter)}", Text(stopping.HigherIsBetter)),
        ($"{nameof(EarlyStopping)}.{nameof(stopping.Every)}", Text(stopping.Every)),
        ($"{nameof(EarlyStopping)}.{nameof(stopping.Patience)}", Text(stopping.Patience)),
        ($"{nameof(EarlyStopping)}.{nameof(stopping.MinimumImprovement)}", Text(stopping.MinimumImprovement)),
        ($"{nameof(EarlyStopping)}.{nameof(stopping.KeepBest)}", Text(stopping.KeepBest)),
    ];

    /// <summary>The libraries, device and threads.</summary>
    public static IReadOnlyDictionary<string, string> EnvironmentOf(Device device) => new Dictionary<string, string>
    {
        ["VaPi"] = typeof(RunSettings).Assembly.GetName().Version?.ToString() ?? NotThere,
        ["libtorch"] = LibTorch.BuiltFor.ToString(),
        ["device"] = device.ToString(),
        ["threads"] = Text(get_num_threads()),
        ["processor"] = System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture.ToString(),
    };

    /// <summary>How many parameters there are, and how many numbers they have.</summary>
    public static string SizeOf(IReadOnlyCollection<(string Name, TorchSharp.Modules.Parameter Parameter)> parameters) =>
        $"{Text(parameters.Count)} tensors of {Text(parameters.Sum(named => named.Parameter.numel()))} numbers";

    /// <summary>A hash of tensors' names and contents.</summary>
    public static string HashOf(IEnumerable<(string Name, Tensor Value)> tensors)
    {
        using SHA256 hash = SHA256.Create();
        using (var stream = new CryptoStream(Stream.Null, hash, CryptoStreamMode.Write))
        {
            foreach ((string name, Tensor value) in tensors)
            {
                stream.Write(System.Text.Encoding.UTF8.GetBytes(name));
                TensorsToStore.WriteData(stream, value, value.dtype);
            }
        }

        return Convert.ToHexStringLower(hash.Hash!);
    }

    private static string Text(object? value) => value switch
    {
        null => "null",
        Schedule schedule => Points(schedule),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "null",
    };

    // A schedule can be any function; where it lies at the powers of two tells it from others that are meant to be others.
    private static string Points(Schedule schedule)
    {
        IEnumerable<long> rollouts = Enumerable.Range(0, 21).Select(power => 1L << power).Prepend(0);
        var points = new List<string>();
        double? before = null;
        foreach (long rollout in rollouts)
        {
            double value = schedule.At(rollout);
            if (value != before)
                points.Add(rollout == 0 ? Text(value) : $"{Text(value)} at {rollout}");
            before = value;
        }

        IEnumerable<string> laws = schedule.Laws.Select(law =>
            $"steered by {law.Signal.Name} to {Text(law.Target)} with gain {Text(law.Gain)} and factors {Text(law.LowestFactor)} to {Text(law.HighestFactor)}");
        return string.Join(", ", points.Concat(laws));
    }
}
