using System.Text.Json;

namespace VaPi.GpuCheck.Rollouts;

/// <summary>What one process measured.</summary>
/// <param name="Seconds">Of each rollout and its update, to its end on the device.</param>
/// <param name="PeakBytes">The memory taken at most; null if it cannot be told.</param>
/// <param name="Operations">Of one rollout.</param>
/// <param name="Parameters">Of the policy.</param>
internal sealed record RolloutMeasurement(IReadOnlyList<double> Seconds, long? PeakBytes, double Operations, long Parameters)
{
    public double Median => Seconds.Order().ElementAt(Seconds.Count / 2);

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartArray("seconds");
        foreach (double seconds in Seconds)
            json.WriteNumberValue(seconds);
        json.WriteEndArray();
        if (PeakBytes is { } peak)
            json.WriteNumber("peakBytes", peak);
        json.WriteNumber("operations", Operations);
        json.WriteNumber("parameters", Parameters);
        json.WriteEndObject();
    }

    public static RolloutMeasurement Read(string text)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        JsonElement root = document.RootElement;
        return new RolloutMeasurement(
            [.. root.GetProperty("seconds").EnumerateArray().Select(seconds => seconds.GetDouble())],
            root.TryGetProperty("peakBytes", out JsonElement peak) ? peak.GetInt64() : null,
            root.GetProperty("operations").GetDouble(),
            root.GetProperty("parameters").GetInt64());
    }
}
