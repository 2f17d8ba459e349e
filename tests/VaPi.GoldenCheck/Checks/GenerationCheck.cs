using System.Globalization;
using System.Text.RegularExpressions;
using TorchSharp;
using VaPi.Generation;
using VaPi.Models.LlamaGen;
using static TorchSharp.torch;

namespace VaPi.GoldenCheck.Checks;

/// <summary>Greedy generation under guidance and its schedules, and the top-k and top-p filters. What to compute is in the tensors' names.</summary>
internal sealed partial class GenerationCheck : ICheck
{
    public IReadOnlyList<string> Names => ["generation"];

    public bool AppliesTo(GoldenFolder golden) => golden.Has("generation.safetensors");

    public void Run(GoldenFolder golden, Report report)
    {
        using DisposeScope scope = NewDisposeScope();
        IReadOnlyDictionary<string, Tensor> expected = golden.Tensors("generation.safetensors");
        using LlamaGenPolicy policy = golden.LoadPolicy();
        using Condition onCpu = new ClassCondition(expected["labels"].cpu().data<long>().ToArray());
        using Condition condition = onCpu.To(golden.Device);
        foreach (string name in expected.Keys.Order(StringComparer.Ordinal))
        {
            if (GreedyName().Match(name) is { Success: true } greedy)
            {
                string schedule = greedy.Groups["schedule"].Value;
                double value = Number(greedy.Groups["value"].Value);
                var options = new GenerationOptions
                {
                    Greedy = true,
                    Guidance = Number(greedy.Groups["cfg"].Value),
                    GuidanceInterval = schedule == "interval" ? (int)value : -1,
                    GuidancePower = schedule == "powercosine" ? value : 0,
                };
                report.Exact($"generation.{name}", policy.Generate(condition, options), expected[name]);
            }
            else if (FilterName().Match(name) is { Success: true } filter)
            {
                Tensor filtered = TokenSampling.Filter(expected["filter_logits"], (int)Number(filter.Groups["k"].Value), Number(filter.Groups["p"].Value));
                report.Exact($"generation.{name}", filtered, expected[name]);
            }
            else if (name is not ("labels" or "filter_logits"))
            {
                report.NotCovered($"generation.{name}");
            }
        }
    }

    [GeneratedRegex(@"^greedy_cfg(?<cfg>[\d.]+)_(?<schedule>interval|powercosine)(?<value>-?[\d.]+)$")]
    private static partial Regex GreedyName();

    [GeneratedRegex(@"^filter_topk(?<k>\d+)_topp(?<p>[\d.]+)$")]
    private static partial Regex FilterName();

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
