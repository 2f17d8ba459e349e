using System.Text.Json;
using VaPi.GoldenCheck;
using VaPi.Native;
using static TorchSharp.torch;

namespace VaPi.GpuCheck.Golden;

/// <summary>The golden cases on the device, in float32 and in bfloat16.</summary>
internal static class GoldenRun
{
    // Those that are computed on the device; crops are the host's.
    private static readonly string[] s_ofDevice = ["tokenizer", "policy", "lpips", "patchgan", "rollout", "shared", "oracle", "generation", "t2i", "metrics"];

    /// <returns>Whether nothing is wrong.</returns>
    public static bool Write(Utf8JsonWriter json, IReadOnlyList<string> folders, Device device, TextWriter log)
    {
        // float32 at its tolerances needs all of its bits.
        TensorFloat32.IsAllowed = false;
        json.WriteStartArray("golden");
        bool single = Write(json, "float32", log, (lines) =>
        {
            var report = new Report(lines, s_ofDevice);
            GoldenChecks.Run(folders, device, report);
            return report;
        });
        bool rounded = Write(json, "bfloat16", log, (lines) =>
        {
            var report = new Report(lines, []);
            using var weights = new FormulaWeights();
            foreach (string folder in folders)
                BFloat16Check.Run(folder, device, weights, report);
            return report;
        });
        json.WriteEndArray();
        return single && rounded;
    }

    private static bool Write(Utf8JsonWriter json, string precision, TextWriter log, Func<TextWriter, Report> run)
    {
        using var lines = new StringWriter();
        Report report = run(lines);
        json.WriteStartObject();
        json.WriteString("precision", precision);
        json.WriteNumber("ok", report.Agreeing);
        json.WriteNumber("wrong", report.Wrong);
        json.WriteStartArray("lines");
        foreach (string line in lines.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries))
            json.WriteStringValue(line);
        json.WriteEndArray();
        json.WriteEndObject();
        log.WriteLine($"golden cases in {precision}: {report.Agreeing} ok, {report.Wrong} wrong");
        return report.Wrong == 0 && report.Agreeing > 0;
    }
}
