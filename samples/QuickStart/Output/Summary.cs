using System.Text.Encodings.Web;
using System.Text.Json;
using QuickStart.Aligning;
using QuickStart.Measuring;

namespace QuickStart.Output;

/// <summary>What <c>summary.json</c> holds.</summary>
internal sealed record Summary
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // it is read by people and programs, not put in a web page
    };

    public required int Seed { get; init; }

    public required int Rollouts { get; init; }

    public required Recipe Recipe { get; init; }

    public required int Photographs { get; init; }

    /// <summary>Photographs that could not be used.</summary>
    public required int PhotographsSkipped { get; init; }

    /// <summary>Mean of the clean and the noisy prefix.</summary>
    public required double RewardBefore { get; init; }

    public required double RewardAfter { get; init; }

    public required double FrechetBefore { get; init; }

    public required double FrechetAfter { get; init; }

    public required double RewardControl { get; init; }

    public required double FrechetControl { get; init; }

    public required Measurement Before { get; init; }

    public required Measurement After { get; init; }

    /// <summary>Fine-tuned by cross-entropy alone on as many images.</summary>
    public required Measurement Control { get; init; }

    public required string PerceptualReward { get; init; }

    public required string FrechetFeatures { get; init; }

    public required int FrechetSamples { get; init; }

    public required int HeldOutCrops { get; init; }

    public required int HeldOutGroupSize { get; init; }

    public required double HeldOutNoise { get; init; }

    public required IReadOnlyDictionary<string, double> SecondsByPhase { get; init; }

    public required double Seconds { get; init; }

    public required double PeakMemoryMb { get; init; }

    public void Write(Stream stream)
    {
        JsonSerializer.Serialize(stream, this, Json);
        stream.WriteByte((byte)'\n');
    }
}
