using TorchSharp;
using VaPi.Models.LlamaGen;
using static TorchSharp.torch;

namespace VaPi.GoldenCheck.Checks;

/// <summary>The tokenizer: its continuous encoding, tokens and reconstruction.</summary>
internal sealed class TokenizerCheck : ICheck
{
    public IReadOnlyList<string> Names => ["tokenizer"];

    public bool AppliesTo(GoldenFolder golden) => golden.Has("tokenizer.safetensors");

    public void Run(GoldenFolder golden, Report report)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        using LlamaGenTokenizer tokenizer = golden.LoadTokenizer();
        IReadOnlyDictionary<string, Tensor> expected = golden.Tensors("tokenizer.safetensors");
        Tensor images = expected["images"];
        report.Values("tokenizer.pre_quant", tokenizer.EncodeContinuous(images), expected["pre_quant"].flatten(2).transpose(1, 2));
        report.Exact("tokenizer.codes", tokenizer.Encode(images), expected["codes"]);
        report.Values("tokenizer.reconstruction", tokenizer.Decode(expected["codes"]), expected["reconstruction"]);
    }
}
