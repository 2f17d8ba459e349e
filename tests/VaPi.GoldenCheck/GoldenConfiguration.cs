using System.Text.Json;
using System.Text.Json.Serialization;

namespace VaPi.GoldenCheck;

/// <summary>A golden folder's <c>config.json</c>, under its own names.</summary>
public sealed record GoldenConfiguration
{
    public int Dim { get; init; }

    public int Layers { get; init; }

    public int Heads { get; init; }

    public int Vocab { get; init; }

    public int Grid { get; init; }

    public int Classes { get; init; }

    [JsonPropertyName("multiple_of")]
    public int MultipleOf { get; init; }

    [JsonPropertyName("ch_mult")]
    public IReadOnlyList<int> ChannelMultipliers { get; init; } = [];

    public int Image { get; init; }

    public int B { get; init; }

    public int G { get; init; }

    public double Temperature { get; init; }

    public string Rec { get; init; } = "l2";

    [JsonPropertyName("w_rec")]
    public double ReconstructionWeight { get; init; }

    [JsonPropertyName("w_perc")]
    public double PerceptualWeight { get; init; }

    [JsonPropertyName("adv_clip")]
    public double AdvantageClip { get; init; }

    public double Clip { get; init; }

    [JsonPropertyName("kl_coef")]
    public double KlWeight { get; init; }

    [JsonPropertyName("ce")]
    public double PriorWeight { get; init; }

    public int Minibatch { get; init; }

    public int Accumulate { get; init; }

    [JsonPropertyName("max_grad_norm")]
    public double MaximumGradientNorm { get; init; }

    [JsonPropertyName("lr")]
    public double LearningRate { get; init; }

    [JsonPropertyName("wd")]
    public double WeightDecay { get; init; }

    public IReadOnlyList<double> Betas { get; init; } = [0.9, 0.999];

    public static GoldenConfiguration Read(string path)
    {
        var options = new JsonSerializerOptions { PropertyNameCaseInsensitive = true };
        return JsonSerializer.Deserialize<GoldenConfiguration>(File.ReadAllText(path), options)
            ?? throw new InvalidDataException($"'{path}' holds no configuration.");
    }
}
