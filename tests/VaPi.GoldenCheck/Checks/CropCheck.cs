using System.Text.RegularExpressions;
using TorchSharp;
using VaPi.Data;
using static TorchSharp.torch;

namespace VaPi.GoldenCheck.Checks;

/// <summary>The published centre crop: within 1 level of 255 on 99 % of the values.</summary>
internal sealed partial class CropCheck : ICheck
{
    private const double ShareBeyond = 0.01;

    public IReadOnlyList<string> Names => ["crop"];

    public bool AppliesTo(GoldenFolder golden) => Outputs(golden).Any();

    public void Run(GoldenFolder golden, Report report)
    {
        foreach ((string file, string index, int size) in Outputs(golden))
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor cropped = ImageFile.LoadCenterCrop(golden.File($"crop{index}_in.png"), size);
            Tensor expected = ImageFile.Load(file);
            double beyond = ((cropped - expected).abs() * 127.5 > 1.001).to(ScalarType.Float64).mean().item<double>();
            report.Line($"crop{index} to {size} (share beyond 1 level)", beyond, ShareBeyond);
        }
    }

    [GeneratedRegex(@"^crop(\d+)_out(\d+)\.png$")]
    private static partial Regex OutputName();

    private static IEnumerable<(string File, string Index, int Size)> Outputs(GoldenFolder golden) =>
        Directory.EnumerateFiles(golden.Path, "crop*_out*.png")
            .Select(file => (File: file, Match: OutputName().Match(Path.GetFileName(file))))
            .Where(found => found.Match.Success)
            .OrderBy(found => found.File, StringComparer.Ordinal)
            .Select(found => (found.File, found.Match.Groups[1].Value, int.Parse(found.Match.Groups[2].Value)));
}
