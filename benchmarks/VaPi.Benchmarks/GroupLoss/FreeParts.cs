using static TorchSharp.torch;

namespace VaPi.Benchmarks.GroupLoss;

/// <summary>A tokenizer that costs nothing: the loss is measured, not the decoder.</summary>
internal sealed class FreeTokenizer : ITokenizer
{
    public int CodebookSize => Sizes.Vocabulary;

    public TokenLayout Layout { get; } = TokenLayout.Grid(8, 8);

    public ImageSize ImageSize => 8;

    public Tensor Encode(Tensor images) => zeros([images.shape[0], Sizes.Tokens], ScalarType.Int64);

    public Tensor Decode(Tensor tokens) => zeros(tokens.shape[0], 3, 8, 8);
}

/// <summary>A reward that costs nothing and differs within a group.</summary>
internal sealed class FreeReward : IRewardFunction, IRewardScorer
{
    public string Name => "free";

    public RewardInputs Inputs => RewardInputs.Tokens;

    /// <returns>(N) from tokens (N, T).</returns>
    public static Tensor Of(Tensor tokens) => tokens.select(1, 0).to(ScalarType.Float32).div_(Sizes.Vocabulary);

    public IRewardScorer Prepare(Tensor? targets, Condition condition) => this;

    public RewardBatch Score(RewardChunk chunk) => new(Of(chunk.Tokens));

    public void Dispose()
    {
    }
}
