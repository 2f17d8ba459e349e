using System.Globalization;
using TorchSharp;
using VaPi.Checkpoints;
using VaPi.Models.LlamaGen;
using VaPi.Models.Tests.Support;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.PyTorch;

/// <summary>What was saved here is loaded by PyTorch itself, and computes the same there.</summary>
public class SavedForPyTorchTests
{
    // The class-conditional transformer, written anew for this test from the model's description.
    private const string Logits = """
        import inspect, math, sys
        import torch
        safe = {"weights_only": True} if "weights_only" in inspect.signature(torch.load).parameters else {}
        w = torch.load(sys.argv[1], map_location="cpu", **safe)["model"]
        layers, heads, grid = (int(a) for a in sys.argv[2:5])
        labels = torch.tensor([int(a) for a in sys.argv[5].split(",")])
        tokens = torch.tensor([int(a) for a in sys.argv[6].split(",")]).view(len(labels), -1)
        dim = w["tok_embeddings.weight"].shape[1]
        half = dim // heads // 2
        freq = 1.0 / 10000 ** (torch.arange(0, half, 2)[: half // 2].float() / half)
        def angles(cell):
            return torch.cat([(cell // grid) * freq, (cell % grid) * freq])
        table = torch.stack([torch.zeros(half, 2)] + [torch.stack([angles(c).cos(), angles(c).sin()], -1) for c in range(grid * grid)])
        def norm(x, name):
            return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5) * w[name]
        def turn(x):
            a, b = x[..., 0::2], x[..., 1::2]
            c, s = table[: x.shape[1], None, :, 0], table[: x.shape[1], None, :, 1]
            return torch.stack([a * c - b * s, b * c + a * s], -1).flatten(-2)
        h = torch.cat([w["cls_embedding.embedding_table.weight"][labels][:, None], w["tok_embeddings.weight"][tokens[:, :-1]]], 1)
        n, length, _ = h.shape
        mask = torch.full((length, length), -math.inf).triu(1)
        for i in range(layers):
            p = f"layers.{i}."
            q, k, v = (t.view(n, length, heads, -1) for t in (norm(h, p + "attention_norm.weight") @ w[p + "attention.wqkv.weight"].T).split(dim, -1))
            q, k, v = turn(q).transpose(1, 2), turn(k).transpose(1, 2), v.transpose(1, 2)
            a = (q @ k.transpose(2, 3) / math.sqrt(dim // heads) + mask).softmax(-1) @ v
            h = h + a.transpose(1, 2).reshape(n, length, dim) @ w[p + "attention.wo.weight"].T
            x = norm(h, p + "ffn_norm.weight")
            gate = x @ w[p + "feed_forward.w1.weight"].T
            h = h + (gate * gate.sigmoid() * (x @ w[p + "feed_forward.w3.weight"].T)) @ w[p + "feed_forward.w2.weight"].T
        z = norm(h, "norm.weight") @ w["output.weight"].T
        print(" ".join(f"{value:.9g}" for value in z.flatten().tolist()))
        """;

    [PyTorchFact]
    public void PyTorch_loads_a_saved_policy_and_computes_the_same_logits()
    {
        using var folder = new TemporaryFolder();
        using DisposeScope scope = NewDisposeScope();
        using LlamaGenPolicy policy = Toys.Policy();
        string path = folder.File("policy.pt");
        policy.Save(path);
        using var condition = new ClassCondition([1, 3]);
        Tensor tokens = Toys.Context(2);
        Tensor expected = Toys.Logits(policy, condition, tokens);

        (int code, string output) = PyTorch.Run(
            Logits, path, $"{Toys.PolicyShape.Layers}", $"{Toys.PolicyShape.Heads}", $"{Toys.PolicyShape.GridSize}", "1,3", string.Join(',', tokens.data<long>().ToArray()));

        Assert.True(code == 0, output);
        float[] values = [.. output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(text => float.Parse(text, CultureInfo.InvariantCulture))];
        Same.AssertClose(expected, tensor(values).view(expected.shape), 1e-4);
    }

    [PyTorchFact]
    public void PyTorch_loads_every_type_and_shape()
    {
        using var folder = new TemporaryFolder();
        using DisposeScope scope = NewDisposeScope();
        string path = folder.File("types.pt");
        Tensor plain = arange(6, dtype: ScalarType.Float32).view(2, 3);
        Checkpoint.SaveTorch(path, new Dictionary<string, Tensor>
        {
            ["transposed"] = plain.t(),
            ["scalar"] = tensor(2.5),
            ["empty"] = zeros(0, 4),
            ["half"] = plain.to(ScalarType.Float16),
            ["bfloat"] = plain.to(ScalarType.BFloat16),
            ["long"] = tensor(new[] { long.MinValue, 3L }),
            ["bool"] = tensor(new[] { true, false }),
        });

        (int code, string output) = PyTorch.Run(
            """
            import sys, torch
            for name, t in torch.load(sys.argv[1], weights_only=True).items():
                print(name, str(t.dtype)[6:], list(t.shape), t.flatten().tolist(), sep="|")
            """,
            path);

        Assert.True(code == 0, output);
        Assert.Equal(
            [
                "transposed|float32|[3, 2]|[0.0, 3.0, 1.0, 4.0, 2.0, 5.0]",
                "scalar|float64|[]|[2.5]",
                "empty|float32|[0, 4]|[]",
                "half|float16|[2, 3]|[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]",
                "bfloat|bfloat16|[2, 3]|[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]",
                "long|int64|[2]|[-9223372036854775808, 3]",
                "bool|bool|[2]|[True, False]",
            ],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
