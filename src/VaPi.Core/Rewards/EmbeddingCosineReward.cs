using TorchSharp;
using VaPi.Compute;
using static TorchSharp.torch;

namespace VaPi.Rewards;

/// <summary>Minus (1 - cosine) between the codebook rows of a sample and the tokenizer's encoding of its original.</summary>
internal sealed class EmbeddingCosineReward : Reward
{
    private const string Remedy = "Give it the tokenizer that the trainer decodes with.";

    private readonly IDifferentiableTokenizer _tokenizer;

    public EmbeddingCosineReward(IDifferentiableTokenizer tokenizer)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        _tokenizer = tokenizer;
    }

    public override string Name => "embedding cosine";

    public override Device? Device => _tokenizer.Device;

    public override RewardInputs Inputs => RewardInputs.Targets | RewardInputs.Tokens;

    public override IRewardScorer Prepare(Tensor? targets, Condition condition)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor images = Required(targets);
        Tensor encoded = _tokenizer.EncodeContinuous(images);
        long[] due = [images.shape[0], _tokenizer.Layout.TokenCount, _tokenizer.Codebook.shape[^1]];
        if (!encoded.shape.SequenceEqual(due))
        {
            throw new RewardException(
                Name,
                $"its tokenizer's EncodeContinuous gave a tensor of shape ({string.Join(", ", encoded.shape)}) where ({string.Join(", ", due)}) was due, one vector as wide as a codebook row for each token. Check the tokenizer.");
        }

        return new Scorer(this, CosineDistance.Directions(encoded).DetachFromDisposeScope());
    }

    // A row that is not there would be a native error, on a GPU one that ends all work on it.
    private void CheckTokens(Tensor tokens)
    {
        using DisposeScope scope = NewDisposeScope();
        if (tokens.shape[1] != _tokenizer.Layout.TokenCount)
            throw new RewardException(Name, $"the samples have {tokens.shape[1]} tokens each, but its tokenizer makes {_tokenizer.Layout.TokenCount} of an image. {Remedy}");
        (long least, long most) = (tokens.min().item<long>(), tokens.max().item<long>());
        long rows = _tokenizer.Codebook.shape[0];
        if (least < 0 || most >= rows)
            throw new RewardException(Name, $"the samples' tokens go from {least} to {most}, but its tokenizer's codebook has the rows 0 to {rows - 1}. {Remedy}");
    }

    /// <param name="reward">The reward.</param>
    /// <param name="targets">(B, T * C); the scorer's own.</param>
    private sealed class Scorer(EmbeddingCosineReward reward, Tensor targets) : IRewardScorer
    {
        public RewardBatch Score(RewardChunk chunk)
        {
            using DisposeScope scope = NewDisposeScope();
            reward.CheckTokens(chunk.Tokens);
            Tensor ofImages = targets.narrow(0, chunk.FirstImage, chunk.ImageCount);
            return SingleComponent.Batch(reward.Name, CosineDistance.Between(ofImages, reward._tokenizer.Codebook, chunk.Tokens).neg_());
        }

        public void Dispose() => targets.Dispose();
    }
}
