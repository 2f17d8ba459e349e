using System.Text.Json;
using TorchSharp;
using VaPi.Generation;
using VaPi.Models.LlamaGen;
using static TorchSharp.torch;

namespace VaPi.GoldenCheck.Checks;

/// <summary>The text-conditional policy: teacher-forced logits, and greedy generations with and without guidance.</summary>
internal sealed class TextCheck : ICheck
{
    private const int FeedForwardMultiple = 32; // as the golden folder's README has it

    public IReadOnlyList<string> Names => ["t2i"];

    public bool AppliesTo(GoldenFolder golden) => golden.Has("t2i.safetensors");

    public void Run(GoldenFolder golden, Report report)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        IReadOnlyDictionary<string, Tensor> expected = golden.Tensors("t2i.safetensors");
        using LlamaGenPolicy policy = LlamaGenPolicy.Load(golden.File("gpt_t2i.pt"), Configuration(golden), golden.Device);
        using var condition = new CaptionCondition(expected["caption_embeddings"].clone(), expected["caption_mask"] > 0.5);
        report.Values("t2i.logits", policy.Head(policy.Features(condition, expected["tokens"], PolicyMode.Evaluation)), expected["logits"]);
        foreach (string name in expected.Keys.Where(name => name.StartsWith("greedy_cfg", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            var options = new GenerationOptions { Greedy = true, Guidance = int.Parse(name["greedy_cfg".Length..], System.Globalization.CultureInfo.InvariantCulture) };
            report.Exact($"t2i.{name}", policy.Generate(condition, options), expected[name]);
        }
    }

    private static LlamaGenConfiguration Configuration(GoldenFolder golden)
    {
        using JsonDocument sizes = JsonDocument.Parse(File.ReadAllText(golden.File("t2i.json")));
        int Size(string name) => sizes.RootElement.GetProperty(name).GetInt32();
        return new LlamaGenConfiguration
        {
            Layers = Size("layers"),
            Heads = Size("heads"),
            Width = Size("dim"),
            VocabularySize = Size("vocab"),
            GridSize = Size("grid"),
            FeedForwardMultiple = FeedForwardMultiple,
            CaptionPlaces = Size("text"),
            CaptionWidth = Size("caption"),
        };
    }
}
