using System.Text.Json;
using LlamaGen.Output;
using VaPi.Alignment.Metrics;

namespace LlamaGen.Alignment;

/// <summary>What a run writes beside its policy: the recipe before it starts, and a line for each rollout.</summary>
internal sealed class RunFiles : IDisposable
{
    public const string RecipeFile = "recipe.json";
    public const string StepsFile = "steps.jsonl";

    private readonly StreamWriter _steps;

    /// <exception cref="IOException">The files cannot be written.</exception>
    public RunFiles(string folder, Recipe recipe)
    {
        WholeFile.Write(Path.Combine(folder, RecipeFile), stream => JsonSerializer.Serialize(stream, recipe, Json.Indented));
        _steps = new StreamWriter(Path.Combine(folder, StepsFile), append: false) { AutoFlush = true };
    }

    public void Add(AlignmentStep step) => _steps.WriteLine(JsonSerializer.Serialize(
        new
        {
            Rollout = step.Index,
            step.Reward,
            Components = step.RewardComponents.ToDictionary(part => part.Key, part => part.Value.Mean),
            step.PolicyLoss,
            step.PriorLoss,
            step.KlDivergence,
            step.MeanRatio,
            step.ClippedFraction,
            step.Entropy,
            step.GradientNorm,
            step.Seconds,
        },
        Json.Line));

    public void Dispose() => _steps.Dispose();
}
