using System.Text.Json;

namespace VaPi.Study.Reports;

/// <summary>The measurements of a study, kept as they come, so that a study goes on where it was stopped.</summary>
internal sealed class ResultFile
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    private readonly string _path;
    private readonly List<ResultRow> _rows;

    public ResultFile(string folder, string study)
    {
        Directory.CreateDirectory(folder);
        _path = Path.Combine(folder, study + ".json");
        _rows = File.Exists(_path) ? JsonSerializer.Deserialize<List<ResultRow>>(File.ReadAllText(_path), Format) ?? [] : [];
    }

    public IReadOnlyList<ResultRow> Rows => _rows;

    public bool Has(Arm arm, int seed) => _rows.Any(row => (row.Factor, row.Value, row.Seed) == (arm.Factor, arm.Value, seed));

    /// <summary>Adds a whole run.</summary>
    public void Add(IEnumerable<ResultRow> run)
    {
        _rows.AddRange(run);
        string unfinished = _path + ".unfinished";
        File.WriteAllText(unfinished, JsonSerializer.Serialize(_rows, Format));
        File.Move(unfinished, _path, overwrite: true);
    }
}
