using System.Text.Json;
using System.Text.Json.Serialization;

namespace VaPi.GoldenCheck;

/// <summary>A golden folder's <c>config.json</c>, under its own names.</summary>
public sealed record GoldenConfiguration
{
    public int Dim { get; set; }

    public int Layers { get; set; }

    public int Heads { get; set; }

    public int Vocab { get; set; }

    public int Grid { get; set; }

    public int Classes { get; set; }

    [JsonPropertyName("multiple_of")]
    public int MultipleOf { get; set; }

    [JsonPropertyName("ch_mult")]
    public IReadOnlyList<int> ChannelMultipliers { get; set; } = [];

    public int Image { get; set; }

    public int B { get; set; }

    public int G { get; set; }

    public double Temperature { get; set; }

    public string Rec { get; set; } = "l2";

    [JsonPropertyName("w_rec")]
    public double ReconstructionWeight { get; set; }

    [JsonPropertyName("w_perc")]
    public double PerceptualWeight { get; set; }

    [JsonPropertyName("adv_clip")]
    public double AdvantageClip { get; set; }

    public double Clip { get; set; }

    [JsonPropertyName("kl_coef")]
    public double KlWeight { get; set; }

    [JsonPropertyName("ce")]
    public double PriorWeight { get; set; }

    public int Minibatch { get; set; }

    public int Accumulate { get; set; }

    [JsonPropertyName("max_grad_norm")]
    public double MaximumGradientNorm { get; set; }

    [JsonPropertyName("lr")]
    public double LearningRate { get; set; }

    [JsonPropertyName("wd")]
    public double WeightDecay { get; set; }

    public IReadOnlyList<double> Betas { get; set; } = [0.9, 0.999];

    public static GoldenConfiguration Read(string path) =>
        JsonSerializer.Deserialize(File.ReadAllText(path), GoldenJson.Default.GoldenConfiguration)
        ?? throw new InvalidDataException($"'{path}' holds no configuration.");
}
