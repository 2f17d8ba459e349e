using TorchSharp;
using VaPi.Models.Weights;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VaPi.Models.LlamaGen;

/// <summary>One Llama block: attention and a gated feed-forward layer, each behind an RMS norm and added to its input.</summary>
internal sealed class TransformerBlock
{
    private readonly Tensor _attentionNorm;
    private readonly LlamaGenConfiguration _configuration;
    private readonly Tensor _down;
    private readonly Tensor _feedForwardNorm;
    private readonly Tensor _gate;
    private readonly Tensor _output;
    private readonly Tensor _queryKeyValue;
    private readonly Tensor _up;

    public TransformerBlock(LlamaGenConfiguration configuration, ModelWeights weights, int layer)
    {
        _configuration = configuration;
        _queryKeyValue = weights[$"layers.{layer}.attention.wqkv.weight"];
        _output = weights[$"layers.{layer}.attention.wo.weight"];
        _gate = weights[$"layers.{layer}.feed_forward.w1.weight"];
        _up = weights[$"layers.{layer}.feed_forward.w3.weight"];
        _down = weights[$"layers.{layer}.feed_forward.w2.weight"];
        _attentionNorm = weights[$"layers.{layer}.attention_norm.weight"];
        _feedForwardNorm = weights[$"layers.{layer}.ffn_norm.weight"];
    }

    public static IEnumerable<ParameterShape> Shapes(LlamaGenConfiguration configuration, int layer)
    {
        long width = configuration.Width;
        long hidden = configuration.FeedForwardWidth;
        long queryKeyValue = (configuration.Heads + 2 * configuration.KeyValueHeadCount) * configuration.HeadWidth;
        yield return new($"layers.{layer}.attention.wqkv.weight", [queryKeyValue, width], InitialValue.Normal, 0.02);
        yield return new($"layers.{layer}.attention.wo.weight", [width, width], InitialValue.Normal, 0.02);
        yield return new($"layers.{layer}.feed_forward.w1.weight", [hidden, width], InitialValue.Normal, 0.02);
        yield return new($"layers.{layer}.feed_forward.w3.weight", [hidden, width], InitialValue.Normal, 0.02);
        yield return new($"layers.{layer}.feed_forward.w2.weight", [width, hidden], InitialValue.Normal, 0.02);
        yield return new($"layers.{layer}.attention_norm.weight", [width], InitialValue.Ones);
        yield return new($"layers.{layer}.ffn_norm.weight", [width], InitialValue.Ones);
    }

    /// <param name="hidden">(B, S, D).</param>
    /// <param name="rotary">(S, 1, head/2), complex64: the factors of these S positions.</param>
    /// <param name="cache">Keys and values of earlier positions, extended by these; null for a whole sequence at once.</param>
    /// <param name="mask">(B, 1, S, length), bool: which keys each position sees; null if it sees all up to itself.</param>
    /// <param name="dropout">The share of activations dropped; 0 for none.</param>
    /// <returns>(B, S, D).</returns>
    public Tensor Forward(Tensor hidden, Tensor rotary, KeyValueCache? cache, Tensor? mask, double dropout)
    {
        // Without gradients, one block's intermediate values exist at a time.
        using DisposeScope scope = NewDisposeScope();
        Tensor attended = hidden + Dropped(Attention(Normalised(hidden, _attentionNorm), rotary, cache, mask), dropout);
        return (attended + Dropped(FeedForward(Normalised(attended, _feedForwardNorm)), dropout)).MoveToOuterDisposeScope();
    }

    public static Tensor Dropped(Tensor hidden, double dropout) => dropout > 0 ? F.dropout(hidden, dropout, training: true) : hidden;

    private Tensor Normalised(Tensor hidden, Tensor weight) => RootMeanSquareNorm.Apply(hidden, weight, _configuration.NormEpsilon);

    private Tensor FeedForward(Tensor hidden) => F.linear(F.silu(F.linear(hidden, _gate)) * F.linear(hidden, _up), _down);

    private Tensor Attention(Tensor hidden, Tensor rotary, KeyValueCache? cache, Tensor? mask)
    {
        long batch = hidden.shape[0];
        long length = hidden.shape[1];
        int heads = _configuration.Heads;
        int keyHeads = _configuration.KeyValueHeadCount;

        // (B, S, heads + 2 key heads, head): rows are queries, then keys, then values.
        Tensor projected = F.linear(hidden, _queryKeyValue).view(batch, length, heads + 2 * keyHeads, _configuration.HeadWidth);
        Tensor turned = RotaryTable.Apply(projected.narrow(2, 0, heads + keyHeads).to(Precision.AtLeastSingle(hidden.dtype)), rotary).to(hidden.dtype);
        Tensor query = turned.narrow(2, 0, heads).transpose(1, 2); // (B, heads, S, head)
        Tensor key = turned.narrow(2, heads, keyHeads).transpose(1, 2); // (B, key heads, S, head)
        Tensor value = projected.narrow(2, heads + keyHeads, keyHeads).transpose(1, 2); // (B, key heads, S, head)

        // With a cache, positions come one by one and see everything before them, so only a whole sequence is causal.
        bool causal = cache is null && mask is null;
        if (cache is not null)
            (key, value) = cache.Append(key, value);
        if (keyHeads != heads)
        {
            key = key.repeat_interleave(heads / keyHeads, dim: 1);
            value = value.repeat_interleave(heads / keyHeads, dim: 1);
        }

        Tensor mixed = F.scaled_dot_product_attention(query, key, value, mask, is_casual: causal); // (B, heads, S, head)
        return F.linear(mixed.transpose(1, 2).reshape(batch, length, _configuration.Width), _output);
    }
}
