using System.Text;
using System.Text.Json;

namespace VaPi.Study.Evidence;

/// <summary>All results of a study in one file, a line a result, for the documents that show them.</summary>
internal static class EvidenceFile
{
    public const string Name = "evidence.jsonl";

    /// <summary>Writes results; of those that are only counted, without what is only drawn.</summary>
    public static void Write(string path, IEnumerable<EvidenceResult> results)
    {
        var text = new StringBuilder();
        foreach (EvidenceResult result in results)
            text.Append(JsonSerializer.Serialize(EvidenceDocument.IsDrawn(result) ? result : result with { Courses = new Dictionary<string, float[]>(), Examples = [] }, EvidenceFolder.Format)).Append('\n');
        File.WriteAllText(path, text.ToString());
    }

    public static IReadOnlyList<EvidenceResult> Read(string path) =>
        [.. File.ReadLines(path).Where(line => line.Length > 0).Select(line => JsonSerializer.Deserialize<EvidenceResult>(line, EvidenceFolder.Format)!)];
}
