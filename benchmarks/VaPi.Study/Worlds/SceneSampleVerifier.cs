using VaPi.Study.Shapes;
using VaPi.Study.Shapes.Reading;
using static TorchSharp.torch;

namespace VaPi.Study.Worlds;

/// <summary>Reads generated scenes back and compares them with their captions.</summary>
internal sealed class SceneSampleVerifier(ShapeScenes scenes) : ISampleVerifier
{
    /// <summary>The mean over categories.</summary>
    public const string Overall = "verifier";

    private readonly CategoryScores _scores = new();

    public IEnumerable<(string Name, double Score)> Scores =>
        _scores.Shares.OrderBy(pair => pair.Key).Select(pair => ($"{Overall}, {Words(pair.Key)}", pair.Value)).Prepend((Overall, _scores.Overall));

    public void Add(IReadOnlyList<ImageDraw> draws, Tensor samples)
    {
        for (int index = 0; index < draws.Count; index++)
        {
            using Tensor sample = samples[index];
            _scores.Add(scenes[draws[index].Index].Prompt, SceneReader.Read(sample));
        }
    }

    private static string Words(PromptCategory category) => category switch
    {
        PromptCategory.SingleObject => "single object",
        PromptCategory.TwoObjects => "two objects",
        PromptCategory.ColourAttribution => "colour attribution",
        _ => category.ToString().ToLowerInvariant(),
    };
}
