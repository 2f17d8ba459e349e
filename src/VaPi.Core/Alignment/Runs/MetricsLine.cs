using System.Buffers;
using System.Text.Json;
using VaPi.Alignment.Metrics;
using VaPi.Alignment.Stopping;

namespace VaPi.Alignment.Runs;

/// <summary>
/// Steps and measurements as lines of JSON. Numbers are written so that they read back as the same; those that are not finite as
/// null, which JSON has no number for. Metrics hold nothing that depends on the clock.
/// </summary>
internal static class MetricsLine
{
    private static readonly JsonEncodedText Rollout = JsonEncodedText.Encode("rollout");

    /// <summary>What a rollout did, but for its times.</summary>
    public static byte[] OfStep(AlignmentStep step) => Line(json =>
    {
        json.WriteNumber(Rollout, step.Index);
        Write(json, "reward", step.Reward);
        json.WriteStartObject("rewardComponents");
        foreach ((string name, RewardStatistics component) in step.RewardComponents)
            Write(json, name, component);
        json.WriteEndObject();
        Write(json, "policyLoss", step.PolicyLoss);
        json.WriteStartObject("regularisers");
        foreach ((string name, double value) in step.Regularisers)
            Write(json, name, value);
        json.WriteEndObject();
        Write(json, "meanRatio", step.MeanRatio);
        Write(json, "clippedFraction", step.ClippedFraction);
        Write(json, "entropy", step.Entropy);
        json.WriteStartArray("gradientNorms");
        foreach (double norm in step.GradientNorms)
            WriteValue(json, norm);
        json.WriteEndArray();
        Write(json, "contextNoise", step.ContextNoise);
        Write(json, "learningRate", step.LearningRate);
        json.WriteNumber("unreadableImages", step.UnreadableImages);
        json.WriteNumber("skippedUpdates", step.SkippedUpdates);
    });

    /// <summary>What early stopping measured, on a line of its own: a run may have been stopped between a rollout and its measurement.</summary>
    public static byte[] OfMeasurement(HeldOutMeasurement measurement, string name) => Line(json =>
    {
        json.WriteNumber("measuredAfterRollout", measurement.Step);
        json.WriteString("measure", name);
        Write(json, "value", measurement.Value);
    });

    /// <summary>The times of a rollout.</summary>
    public static byte[] OfTimes(AlignmentStep step, DateTimeOffset now) => Line(json =>
    {
        json.WriteNumber(Rollout, step.Index);
        json.WriteString("at", now);
        Write(json, "data", step.Seconds.Data);
        Write(json, "encode", step.Seconds.Encode);
        Write(json, "sample", step.Seconds.Sample);
        Write(json, "score", step.Seconds.Score);
        Write(json, "train", step.Seconds.Train);
        Write(json, "update", step.Seconds.Update);
        Write(json, "total", step.Seconds.Total);
    });

    /// <summary>That a process took the run up.</summary>
    public static byte[] OfStart(long step, DateTimeOffset now) => Line(json =>
    {
        json.WriteNumber("startedAfterRollout", step);
        json.WriteString("at", now);
    });

    private static byte[] Line(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static void Write(Utf8JsonWriter json, string name, RewardStatistics statistics)
    {
        json.WriteStartObject(name);
        Write(json, "mean", statistics.Mean);
        Write(json, "deviation", statistics.Deviation);
        Write(json, "groupDeviation", statistics.GroupDeviation);
        Write(json, "minimum", statistics.Minimum);
        Write(json, "maximum", statistics.Maximum);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, double? value)
    {
        json.WritePropertyName(name);
        WriteValue(json, value);
    }

    private static void WriteValue(Utf8JsonWriter json, double? value)
    {
        if (value is { } number && double.IsFinite(number))
            json.WriteNumberValue(number);
        else
            json.WriteNullValue();
    }
}
