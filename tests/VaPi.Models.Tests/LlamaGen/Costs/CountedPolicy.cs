using TorchSharp.Modules;
using VaPi.Models.LlamaGen;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VaPi.Models.Tests.LlamaGen.Costs;

/// <summary>
/// The policy once more, written plainly, which counts every product that it makes as it makes it: linear layers by the tensors
/// that they are given, attention query by query over the keys that each sees. What of them a backward pass needs autograd says.
/// </summary>
internal sealed class CountedPolicy(LlamaGenPolicy policy)
{
    private readonly Dictionary<string, Tensor> _weights = policy.NamedParameters().ToDictionary(named => named.Name, named => (Tensor)named.Parameter);

    private LlamaGenConfiguration Shape => policy.Configuration;

    public long Forward { get; private set; }

    public long Backward { get; private set; }

    /// <summary>Of the forward pass, what is between the embeddings and the last norm.</summary>
    public long Blocks { get; private set; }

    /// <param name="condition">(B, C, D) for captions their features, for classes the labels' rows of the table.</param>
    /// <param name="context">(B, T).</param>
    /// <returns>(B, T, V).</returns>
    public Tensor Logits(Tensor condition, Tensor context)
    {
        Tensor led = Shape.IsTextConditional
            ? Linear(Linear(condition, "cls_embedding.cap_proj.fc1.weight").gelu(GELU.Approximate.tanh), "cls_embedding.cap_proj.fc2.weight")
            : condition;
        Tensor fed = _weights["tok_embeddings.weight"][context.narrow(1, 0, Shape.TokenCount - 1)];
        Tensor hidden = cat([led, fed], 1); // (B, S, D)
        long before = Forward;
        for (int layer = 0; layer < Shape.Layers; layer++)
        {
            hidden = hidden + Attention(Normed(hidden, $"layers.{layer}.attention_norm.weight"), layer);
            Tensor normed = Normed(hidden, $"layers.{layer}.ffn_norm.weight");
            string feedForward = $"layers.{layer}.feed_forward";
            hidden = hidden + Linear(F.silu(Linear(normed, $"{feedForward}.w1.weight")) * Linear(normed, $"{feedForward}.w3.weight"), $"{feedForward}.w2.weight");
        }

        Blocks += Forward - before;
        Tensor last = hidden.narrow(1, hidden.shape[1] - Shape.TokenCount, Shape.TokenCount);
        return Linear(Normed(last, "norm.weight"), "output.weight");
    }

    private Tensor Attention(Tensor hidden, int layer)
    {
        (long batch, long length, int heads) = (hidden.shape[0], hidden.shape[1], Shape.Heads);
        int keyHeads = Shape.KeyValueHeads ?? heads;
        Tensor projected = Linear(hidden, $"layers.{layer}.attention.wqkv.weight").view(batch, length, -1, Shape.HeadWidth);
        using Tensor rotary = RotaryTable.Create(Shape.GridSize, Shape.HeadWidth, Shape.RotaryBase, (int)(length - Shape.TokenCount + 1), CPU);
        Tensor turned = RotaryTable.Apply(projected.narrow(2, 0, heads + keyHeads), rotary.narrow(0, 0, length));
        var mixed = new List<Tensor>();
        for (long image = 0; image < batch; image++)
        {
            for (int head = 0; head < heads; head++)
            {
                int keyHead = head / (heads / keyHeads);
                for (long position = 0; position < length; position++)
                {
                    Tensor query = turned[image, position, head].unsqueeze(1); // (head, 1)
                    Tensor keys = turned.narrow(1, 0, position + 1)[image, .., heads + keyHead]; // (p + 1, head)
                    Tensor values = projected.narrow(1, 0, position + 1)[image, .., heads + keyHeads + keyHead];
                    Tensor share = (Product(keys, query) / Math.Sqrt(Shape.HeadWidth)).softmax(0); // (p + 1, 1)
                    mixed.Add(Product(share.t(), values)); // (1, head)
                }
            }
        }

        Tensor together = cat(mixed).view(batch, heads, length, Shape.HeadWidth).transpose(1, 2).reshape(batch, length, Shape.Width);
        return Linear(together, $"layers.{layer}.attention.wo.weight");
    }

    private Tensor Normed(Tensor hidden, string weight) => hidden * (hidden.square().mean([-1], keepdim: true) + Shape.NormEpsilon).rsqrt() * _weights[weight];

    private Tensor Linear(Tensor input, string weight) => Product(input.reshape(-1, input.shape[^1]), _weights[weight].t()).view([.. input.shape[..^1], -1]);

    private Tensor Product(Tensor left, Tensor right)
    {
        long operations = 2 * left.shape[0] * left.shape[1] * right.shape[1];
        Forward += operations;
        Backward += (left.requires_grad ? operations : 0) + (right.requires_grad ? operations : 0);
        return left.matmul(right);
    }
}
