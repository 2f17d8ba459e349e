using VaPi.Checkpoints;
using static TorchSharp.torch;

namespace VaPi.Rewards;

/// <summary>
/// A reward that composes: <c>Reward.MeanSquaredError() + 0.5 * Reward.Lpips(…)</c>. Rewards of one's own derive from it, or
/// implement <see cref="IRewardFunction"/> and join with <c>+</c> too. The caller keeps a reward it makes and may share it
/// between trainers; disposing a sum disposes its terms.
/// </summary>
public abstract class Reward : IRewardFunction, IDisposable
{
    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public abstract RewardInputs Inputs { get; }

    /// <summary>Minus the mean squared difference over pixels in [-1, 1]; the published reconstruction term.</summary>
    public static Reward MeanSquaredError() => new PixelReward("mean squared error", Compute.Reconstruction.MeanSquare, Compute.Reconstruction.SquareMap);

    /// <summary>Minus the mean absolute difference over pixels in [-1, 1].</summary>
    public static Reward MeanAbsoluteError() => new PixelReward("mean absolute error", Compute.Reconstruction.MeanAbsolute, Compute.Reconstruction.AbsoluteMap);

    /// <summary>Minus the LPIPS distance (VGG-16, version 0.1).</summary>
    /// <param name="vggPath">torchvision's VGG-16 weights, a <c>.pth</c> or <c>.safetensors</c> file with <c>features.{n}.weight</c>; its classifier is ignored.</param>
    /// <param name="headsPath">The linear heads, <c>lin{k}.model.1.weight</c>, as published with LPIPS 0.1.</param>
    /// <param name="device">Where the network goes; the CPU if null.</param>
    /// <exception cref="CheckpointException">A file cannot be read, or tensors are missing or misshapen; the message names them.</exception>
    public static Reward Lpips(string vggPath, string headsPath, Device? device = null) => new LpipsReward(vggPath, headsPath, device ?? CPU);

    /// <summary>
    /// Minus the distance in the feature maps of any frozen network: squared differences of the maps normalised along
    /// channels, summed over channels, averaged over space, summed over layers (LPIPS with all weights one).
    /// </summary>
    /// <param name="name">The reward's name.</param>
    /// <param name="extractor">The network; stays the caller's.</param>
    public static Reward FeatureDistance(string name, IFeatureExtractor extractor) => new FeatureDistanceReward(name, extractor);

    /// <summary>
    /// Minus (1 - cosine) between whole images in the tokenizer's space: the codebook rows of the sample's tokens, all
    /// positions end to end, and the continuous encoding of the original. -2 … 0; -1 where either is zero.
    /// </summary>
    /// <param name="tokenizer">The tokenizer that the samples are decoded with; stays the caller's.</param>
    public static Reward EmbeddingCosine(IDifferentiableTokenizer tokenizer) => new EmbeddingCosineReward(tokenizer);

    /// <summary>
    /// The mean logit of a PatchGAN discriminator, higher the more real it takes the sample for. Needs no originals; takes
    /// images of 24x24 pixels or more.
    /// </summary>
    /// <param name="path">
    /// A checkpoint with <c>main.{n}.weight</c> and so on, bare, under <c>model</c>, or under <c>discriminator</c> as in
    /// checkpoints of a tokenizer's training.
    /// </param>
    /// <param name="device">Where the network goes; the CPU if null.</param>
    /// <exception cref="CheckpointException">The file cannot be read, or tensors are missing or misshapen; the message names them.</exception>
    public static PatchGanReward PatchGan(string path, Device? device = null) => new(path, device ?? CPU);

    /// <summary>A sum of rewards.</summary>
    /// <exception cref="ArgumentException">Two terms have the same name.</exception>
    public static Reward operator +(Reward left, IRewardFunction right) => WeightedSum.Of(left, right);

    /// <inheritdoc cref="op_Addition(Reward, IRewardFunction)"/>
    public static Reward operator +(IRewardFunction left, Reward right) => WeightedSum.Of(left, right);

    /// <inheritdoc cref="op_Addition(Reward, IRewardFunction)"/>
    public static Reward operator +(Reward left, Reward right) => WeightedSum.Of(left, right);

    /// <summary>The left reward and minus the right one, for penalties that are written as numbers of which less is better.</summary>
    /// <exception cref="ArgumentException">Two terms have the same name.</exception>
    public static Reward operator -(Reward left, IRewardFunction right) => Subtract(left, right);

    /// <inheritdoc cref="op_Subtraction(Reward, IRewardFunction)"/>
    public static Reward operator -(IRewardFunction left, Reward right) => Subtract(left, right);

    /// <inheritdoc cref="op_Subtraction(Reward, IRewardFunction)"/>
    public static Reward operator -(Reward left, Reward right) => Subtract(left, right);

    /// <summary>Minus a reward; its components are still recorded as they are.</summary>
    public static Reward operator -(Reward reward) => Negate(reward);

    /// <summary>
    /// A reward times a weight, which may be negative, or zero to record a reward without aligning on it. Components are
    /// recorded unweighted.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The weight, or its product with a weight that the reward has, is not finite.</exception>
    public static Reward operator *(double weight, Reward reward) => WeightedSum.Scaled(reward, weight);

    /// <inheritdoc cref="op_Multiply(double, Reward)"/>
    public static Reward operator *(Reward reward, double weight) => WeightedSum.Scaled(reward, weight);

    /// <summary>The same as <c>+</c>, for languages without operators.</summary>
    public static Reward Add(IRewardFunction left, IRewardFunction right) => WeightedSum.Of(left, right);

    /// <summary>The same as <c>-</c> between two rewards, for languages without operators.</summary>
    public static Reward Subtract(IRewardFunction left, IRewardFunction right) => WeightedSum.Of(left, WeightedSum.Scaled(right, -1));

    /// <summary>The same as <c>-</c> before a reward, for languages without operators.</summary>
    public static Reward Negate(IRewardFunction reward) => WeightedSum.Scaled(reward, -1);

    /// <summary>The same as <c>*</c>, for languages without operators, and for rewards that only implement the interface.</summary>
    public static Reward Multiply(IRewardFunction reward, double weight) => WeightedSum.Scaled(reward, weight);

    /// <summary>
    /// The same reward with localised credit: seen from a token, the part of the reward that comes from the cells of the token
    /// grid around it counts in full and the rest of the image at a share, and advantages are normalised at each position over
    /// the group. The samples' rewards, as recorded, stay the same.
    /// </summary>
    /// <remarks>
    /// Seen from token t the reward is near(t) + s · (whole - near(t)), s being <paramref name="wholeImage"/>. Terms of a sum
    /// that do not implement <see cref="ILocalReward"/> count alike from every token.
    /// </remarks>
    /// <param name="neighbourhood">
    /// The rows and columns of the token grid around a token's own cell that count as near, at least 0: 1 means 3 by 3 cells.
    /// </param>
    /// <param name="wholeImage">The share at which the rest of the image counts, in [0, 1]; with 1 the credit is that of the whole image.</param>
    /// <returns>The localised reward; disposing it disposes this one.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A parameter is outside its range.</exception>
    /// <exception cref="ArgumentException">No term of the reward can say where in the image it comes from, or one is localised already.</exception>
    public Reward Localised(int neighbourhood = 1, double wholeImage = 0)
    {
        if (neighbourhood < 0)
            throw new ArgumentOutOfRangeException(nameof(neighbourhood), neighbourhood, "The neighbourhood of localised credit must be 0 (the token's own cell) or more cells.");
        if (!(wholeImage is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(wholeImage), wholeImage, "The share of the whole image in localised credit must be from 0 to 1.");
        return WeightedSum.Scaled(this, 1).LocalisedTerms(neighbourhood, wholeImage);
    }

    /// <inheritdoc/>
    public virtual Device? Device => null;

    /// <inheritdoc/>
    public virtual bool IsDifferentiable => false;

    /// <inheritdoc/>
    public abstract IRewardScorer Prepare(Tensor? targets, Condition condition);

    /// <summary>Releases what the reward has loaded.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases what a derived reward holds.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }

    /// <summary>The targets, or an error that says who needs them.</summary>
    protected Tensor Required(Tensor? targets) =>
        targets ?? throw new RewardException(Name, "it compares with the original images, and this rollout has none. Use a rollout source with targets, or another reward.");
}
