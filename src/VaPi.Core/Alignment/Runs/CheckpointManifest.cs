using System.Text.Json;
using System.Text.Json.Serialization;

namespace VaPi.Alignment.Runs;

/// <summary>What a checkpoint says of itself beside its tensors.</summary>
internal sealed partial record CheckpointManifest
{
    public const int CurrentVersion = 1;

    public required int Version { get; init; }

    /// <summary>The rollouts made.</summary>
    public required long Step { get; init; }

    /// <summary>What checkpoints are compared by.</summary>
    public required string Measure { get; init; }

    /// <summary>Its value; null where it was not measured.</summary>
    public required double? Value { get; init; }

    public required bool HigherIsBetter { get; init; }

    /// <summary>The bytes of the metrics file up to here, and their SHA-256 in hexadecimal digits.</summary>
    public required long MetricsBytes { get; init; }

    public required string MetricsChecksum { get; init; }

    /// <summary>The mean rewards of the last rollouts, of which the next checkpoint's value is made.</summary>
    public required IReadOnlyList<double> RecentRewards { get; init; }

    /// <summary>Options and parts that decide the run's numbers, by name.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>What the numbers depend on besides: threads, libraries.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <exception cref="InvalidDataException">The file is no manifest.</exception>
    public static CheckpointManifest Read(string path)
    {
        try
        {
            CheckpointManifest? read = JsonSerializer.Deserialize(File.ReadAllBytes(path), Layout.Default.CheckpointManifest);
            return read is { Version: CurrentVersion, Settings: not null, Environment: not null, RecentRewards: not null, Measure: not null, MetricsChecksum: not null }
                ? read
                : throw new InvalidDataException($"'{Path.GetFileName(path)}' is of version {read?.Version ?? 0}, where {CurrentVersion} is read");
        }
        catch (JsonException exception)
        {
            // Its own message repeats what stands there, however long that is.
            throw new InvalidDataException($"'{Path.GetFileName(path)}' is no manifest (line {exception.LineNumber + 1}, byte {exception.BytePositionInLine})", exception);
        }
    }

    public void Write(Stream stream) => JsonSerializer.Serialize(stream, this, Layout.Default.CheckpointManifest);

    // Made by the compiler, so that programs that use the library can be trimmed.
    [JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(CheckpointManifest))]
    private sealed partial class Layout : JsonSerializerContext;
}
