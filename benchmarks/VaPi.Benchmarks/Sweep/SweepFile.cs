using System.Text.Json;
using System.Text.Json.Nodes;
using VaPi.Benchmarks.Step;

namespace VaPi.Benchmarks.Sweep;

/// <summary>The points measured so far, kept as they come, so that a sweep goes on where it was stopped.</summary>
internal sealed class SweepFile
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly string? _path;
    private readonly JsonArray _points;

    /// <param name="path">Null keeps the points in memory only.</param>
    /// <param name="planned">The points of the sweep.</param>
    /// <exception cref="ArgumentException">The file holds something else than points of this sweep.</exception>
    public SweepFile(string? path, IReadOnlyList<SweepPoint> planned)
    {
        _path = path;
        _points = File.Exists(path) ? Read(path) : [];
        foreach (JsonNode? measured in _points)
        {
            if (!planned.Any(point => IsOf(measured, point)))
                throw new ArgumentException($"--json is '{path}', which holds a point that this sweep does not have, {measured?["sizes"]?.ToJsonString()} with {measured?["threads"]} threads. Name another file, or sweep around the same sizes with as many threads.");
        }
    }

    /// <returns>What was measured at a point, as <see cref="StepReport"/> writes it; null if it has not been.</returns>
    public JsonNode? Find(SweepPoint point) => _points.FirstOrDefault(measured => IsOf(measured, point));

    public JsonNode Add(SweepPoint point, StepFigures figures)
    {
        JsonObject measured = JsonSerializer.SerializeToNode(StepReport.Json(figures), Indented)!.AsObject();
        measured.Insert(0, "varied", point.Varied);
        _points.Add((JsonNode)measured);
        if (_path is not null)
        {
            string unfinished = _path + ".unfinished";
            File.WriteAllText(unfinished, _points.ToJsonString(Indented) + "\n");
            File.Move(unfinished, _path, overwrite: true);
        }

        return measured;
    }

    private static bool IsOf(JsonNode? measured, SweepPoint point) =>
        JsonNode.DeepEquals(measured?["sizes"], JsonSerializer.SerializeToNode(StepReport.Sizes(point.Options)))
        && measured?["threads"]?.GetValue<int>() == point.Options.Threads;

    private static JsonArray Read(string path)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(path)) as JsonArray ?? throw new JsonException("It is no list.");
        }
        catch (JsonException exception)
        {
            throw new ArgumentException($"--json is '{path}', which is not a file that a sweep has written. {exception.Message}", exception);
        }
    }
}
