using System.Globalization;
using System.Text;
using System.Text.Json;
using VaPi.Models.LlamaGen.Costs;
using static System.FormattableString;

namespace VaPi.Benchmarks.Tables;

/// <summary>The tables of docs/performance.md, in Markdown, from what the benchmark wrote.</summary>
internal static class PerformanceTables
{
    private static readonly (string File, string Name)[] Rollouts =
    [
        ("rollout.json", "G 8"),
        ("rollout-kl.json", "G 8, with KL"),
        ("rollout-group-16.json", "G 16"),
        ("rollout-pixels.json", "G 8, reward by pixels alone"),
    ];

    private static readonly (string File, string Name)[] LargeBlocks = [("large-blocks.json", "as the system is"), ("large-blocks-kept.json", "with the three variables")];

    /// <summary>By name: the folder of measurements to lines of Markdown.</summary>
    public static IReadOnlyList<(string Name, Func<string, string> Table)> All { get; } =
    [
        ("rollouts", RolloutTable),
        ("phases", PhaseTable),
        ("sweep", SweepTable),
        ("memory", MemoryTable),
        ("wall-clock", WallClockTable),
        ("large-blocks", LargeBlockTable),
    ];

    private static string RolloutTable(string folder) => Table(
        ["", "library", "published arrangement", "ratio", "training's ratio", "share, library", "share, published", "matrix rate"],
        Rollouts.Select(run =>
        {
            JsonElement json = Read(folder, run.File);
            JsonElement rollout = json.GetProperty("rollout");
            JsonElement share = json.GetProperty("shareOfMatrixRate");
            return new[]
            {
                run.Name,
                Seconds(rollout, "library"),
                Seconds(rollout, "published"),
                Invariant($"{Number(rollout, "ratio"):F2}"),
                Invariant($"{Number(json.GetProperty("training"), "ratio"):F2}"),
                Percent(share, "library"),
                Percent(share, "published"),
                Invariant($"{Number(json, "matrixRate") / 1e9:F0} G/s"),
            };
        }));

    private static string PhaseTable(string folder)
    {
        JsonElement json = Read(folder, Rollouts[0].File);
        string[] phases = ["encode", "sample", "score", "train", "update"];
        string[] counted = ["Encode", "Sample", "Score", "Train"];
        string[] InSeconds(string side, string name) =>
            [name, .. phases.Select(phase => Seconds(json.GetProperty("phases").GetProperty(side), phase)), Seconds(json.GetProperty("rollout"), side)];
        string[] InOperations(string side, string name) =>
            [$"{name}, operations", .. counted.Select(phase => Operations(json, side, phase)), "", Operations(json, side, "Total")];
        return Table(
            ["G 8", "encode", "sample", "decode and score", "train", "update", "whole"],
            [
                InSeconds("library", "library"),
                InSeconds("published", "published arrangement"),
                InOperations("library", "library"),
                InOperations("published", "published arrangement"),
            ]);
    }

    private static string SweepTable(string folder) => Table(
        ["B", "G", "T", "V", "", "library", "published arrangement", "ratio", "training's ratio", "share, library"],
        Read(folder, "sweep.json").EnumerateArray().Select(point =>
        {
            JsonElement sizes = point.GetProperty("sizes");
            string Size(string name) => Invariant($"{Number(sizes, name):F0}");
            return new[]
            {
                Size("images"),
                Size("groupSize"),
                Size("tokens"),
                Size("vocabulary"),
                sizes.GetProperty("kl").GetBoolean() ? "with KL" : "",
                Seconds(point.GetProperty("rollout"), "library"),
                Seconds(point.GetProperty("rollout"), "published"),
                Invariant($"{Number(point.GetProperty("rollout"), "ratio"):F2}"),
                Invariant($"{Number(point.GetProperty("training"), "ratio"):F2}"),
                Percent(point.GetProperty("shareOfMatrixRate"), "library"),
            };
        }));

    private static string MemoryTable(string folder)
    {
        JsonElement memory = Read(folder, "memory.json").GetProperty("memory");
        string Size(string name) => Amounts.OfBytes(Number(memory, name));
        return Table(
            ["library", "published arrangement", "library / published", "features and their backward pass alone", "what the library's loss adds"],
            [[Size("library"), Size("published"), Percent(memory, "share"), Size("features"), Size("loss")]]);
    }

    private static string WallClockTable(string folder)
    {
        JsonElement[] rows = [.. Read(folder, "wall-clock.json").EnumerateArray()];
        double last = rows.Max(row => Number(row, "rollout"));
        string Over(IEnumerable<JsonElement> seeds, string name, string format)
        {
            double[] values = [.. seeds.Select(seed => Number(seed, name))];
            return $"{Text(values.Average())} ({Text(values.Min())} … {Text(values.Max())})";
            string Text(double value) => value.ToString(format, CultureInfo.InvariantCulture);
        }

        return Table(
            ["", "Frechet distance before", Invariant($"after {last:F0} rollouts"), "seconds of training"],
            rows.GroupBy(row => row.GetProperty("value").GetString()!).Select(arm =>
            {
                JsonElement[] before = [.. arm.Where(row => Number(row, "rollout") == 0)];
                JsonElement[] after = [.. arm.Where(row => Number(row, "rollout") == last)];
                return new[] { arm.Key, Over(before, "frechet", "F2"), Over(after, "frechet", "F2"), Over(after, "seconds", "F1") };
            }));
    }

    private static string LargeBlockTable(string folder) => Table(
        ["4 samples at 256 pixels, 128 base channels", "decode and score", "whole rollout"],
        LargeBlocks.Select(run =>
        {
            JsonElement json = Read(folder, run.File);
            return new[] { run.Name, Seconds(json.GetProperty("phases").GetProperty("library"), "score"), Seconds(json.GetProperty("rollout"), "library") };
        }));

    private static string Operations(JsonElement json, string side, string phase) =>
        Amounts.OfOperations(Number(json.GetProperty("operations").GetProperty(side), phase));

    private static JsonElement Read(string folder, string file) => JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, file))).RootElement;

    private static double Number(JsonElement parent, string name) => parent.GetProperty(name).GetDouble();

    private static string Seconds(JsonElement parent, string name) => string.Create(CultureInfo.InvariantCulture, $"{Number(parent, name):F2} s");

    private static string Percent(JsonElement parent, string name) => string.Create(CultureInfo.InvariantCulture, $"{100 * Number(parent, name):F0} %");

    private static string Table(IReadOnlyList<string> head, IEnumerable<IReadOnlyList<string>> rows)
    {
        var lines = new StringBuilder();
        void Line(IEnumerable<string> cells) => lines.Append("| ").AppendJoin(" | ", cells).Append(" |\n");
        Line(head);
        Line(head.Select(_ => "---"));
        foreach (IReadOnlyList<string> row in rows)
            Line(row);
        return lines.ToString();
    }
}
