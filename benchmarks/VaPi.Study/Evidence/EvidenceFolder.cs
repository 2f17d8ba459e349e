using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace VaPi.Study.Evidence;

/// <summary>A file for every run, so that a study goes on where it was stopped, and several processes share one.</summary>
/// <param name="root">Where results are kept.</param>
internal sealed class EvidenceFolder(string root)
{
    public static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, // a run that diverged is a result too
        IgnoreReadOnlyProperties = true,
    };

    /// <summary>Where the result of a run on the evaluation images is kept.</summary>
    public string ResultPath(string world, EvidenceArm arm, int seed) => Path.Combine(root, world, arm.Folder, $"seed-{seed}.json");

    /// <summary>Where the result of trying a learning rate on the validation images is kept.</summary>
    public string TrialPath(string world, EvidenceArm arm, double rate) =>
        Path.Combine(root, world, arm.Folder, string.Create(CultureInfo.InvariantCulture, $"rate-{rate:0.########}.json"));

    /// <summary>What a file holds; makes it if there is none.</summary>
    /// <exception cref="InvalidDataException">The file is of another recipe than the arm has.</exception>
    public static EvidenceResult Get(string path, EvidenceArm arm, Func<EvidenceResult> make)
    {
        if (Read(path, arm) is { } kept)
            return kept;
        EvidenceResult made = make();
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string unfinished = $"{path}.{Environment.ProcessId}.unfinished";
        File.WriteAllText(unfinished, JsonSerializer.Serialize(made, Format));
        File.Move(unfinished, path, overwrite: true);
        return made;
    }

    /// <returns>Null if there is no such file.</returns>
    public static EvidenceResult? Read(string path) =>
        File.Exists(path) ? JsonSerializer.Deserialize<EvidenceResult>(File.ReadAllText(path), Format) : null;

    /// <summary>The results of some arms on a world's evaluation images, in the arms' order.</summary>
    /// <exception cref="InvalidDataException">One is of another recipe than its arm has.</exception>
    public IReadOnlyList<EvidenceResult> Results(string world, IEnumerable<EvidenceArm> arms, IReadOnlyList<int> seeds) =>
        [.. arms.SelectMany(arm => seeds.Select(seed => Read(ResultPath(world, arm, seed), arm))).OfType<EvidenceResult>()];

    // Runs of an arm that has changed since are not to be mixed with new ones.
    private static EvidenceResult? Read(string path, EvidenceArm arm)
    {
        EvidenceResult? kept = Read(path);
        return kept?.Recipe is not { } recipe || recipe with { LearningRate = arm.Recipe.LearningRate } == arm.Recipe
            ? kept
            : throw new InvalidDataException($"'{path}' was made with {recipe}, where '{arm.Name}' has {arm.Recipe} now. Remove the file, or keep new runs in another folder.");
    }
}
