using VaPi.Alignment;
using VaPi.Alignment.Regularisers;
using VaPi.Alignment.Rollouts;
using VaPi.Rewards;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Alignment;

public class BuilderTests
{
    [Fact]
    public void All_missing_parts_are_named_with_the_call_that_gives_them()
    {
        string message = Refused(AlignmentTrainer.CreateBuilder());

        Assert.All(
            ["no tokenizer; call WithTokenizer", "no policy; call WithPolicy", "no reward; call WithReward", "no images; call WithImages"],
            part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    [Fact]
    public void Another_codebook_size_than_the_vocabulary_is_refused()
    {
        using var world = new ToyWorld();
        using var tokenizer = new ToyTokenizer(colours: 9);

        Assert.Contains("codebook has 9 entries but the policy chooses from 12", Refused(world.Builder().WithTokenizer(tokenizer)), StringComparison.Ordinal);
    }

    [Fact]
    public void Other_numbers_of_tokens_and_another_image_size_are_refused_together()
    {
        using var world = new ToyWorld();
        using var tokenizer = new ToyTokenizer(grid: 3);

        string message = Refused(world.Builder().WithTokenizer(tokenizer));

        Assert.Contains("makes 9 tokens (3x3) of an image but the policy predicts 16", message, StringComparison.Ordinal);
        Assert.Contains("images are 8x8 pixels but the tokenizer takes 6x6", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_source_is_refused()
    {
        using var world = new ToyWorld();

        Assert.Contains("source is empty", Refused(world.Builder().WithImages(new NoImages())), StringComparison.Ordinal);
    }

    [Fact]
    public void A_reward_that_needs_originals_is_refused_where_there_are_none()
    {
        using var world = new ToyWorld();

        string message = Refused(world.Builder().WithRollouts(new WithoutTargets()).WithReward(Reward.MeanAbsoluteError()));

        Assert.Contains("'mean absolute error' compares with original images, which WithoutTargets rollouts do not have", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_regulariser_that_needs_true_tokens_is_refused_where_there_are_none()
    {
        using var world = new ToyWorld();

        string message = Refused(world.Builder()
            .WithRollouts(new WithoutTargets())
            .WithReward(new ToyReward((_, _) => null, inputs: RewardInputs.None))
            .WithRegulariser(new Term("own", NeedsTruth: true)));

        Assert.Contains("'own' needs true tokens", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("prior", "other")]
    [InlineData("kl", "other")]
    [InlineData("own", "own")]
    public void Regularisers_of_one_name_are_refused(string first, string second)
    {
        using var world = new ToyWorld();

        string message = Refused(world.Builder().WithRegulariser(new Term(first)).WithRegulariser(new Term(second)));

        Assert.Contains($"Two regularisers are named '{first}'", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_policy_with_nothing_to_train_is_refused()
    {
        using var world = new ToyWorld();
        foreach ((_, TorchSharp.Modules.Parameter parameter) in world.Policy.NamedParameters())
            parameter.requires_grad = false;

        Assert.Contains("nothing can be trained", Refused(world.Builder()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_frozen_parameter_stays_as_it_is()
    {
        using var world = new ToyWorld();
        using ToyPolicy before = world.Policy.Copy();
        world.Policy["tokens.weight"].requires_grad = false;
        using AlignmentTrainer trainer = world.Trainer();

        trainer.Step();

        Expect.Identical(before["tokens.weight"], world.Policy["tokens.weight"]);
        Assert.True(Expect.Change(before, world.Policy) > 0);
    }

    [Fact]
    public void Null_is_refused_at_once()
    {
        AlignmentTrainerBuilder builder = AlignmentTrainer.CreateBuilder();

        Assert.Throws<ArgumentNullException>(() => builder.WithPolicy(null!));
        Assert.Throws<ArgumentNullException>(() => builder.WithRegulariser(null!));
        Assert.Throws<ArgumentNullException>(() => builder.WithOptions(null!));
        Assert.Throws<ArgumentNullException>(() => builder.Configure(null!));
    }

    [Fact]
    public void A_tokenizer_that_breaks_its_word_is_named()
    {
        using var world = new ToyWorld();
        using AlignmentTrainer encodes = world.Builder().WithTokenizer(new Broken(world.Tokenizer, breaksEncode: true)).Build();
        using AlignmentTrainer decodes = world.Builder().WithTokenizer(new Broken(world.Tokenizer, breaksEncode: false)).Build();

        Assert.Contains("Encode gave Int64 (4, 15) where Int64 (4, 16) was due", Assert.Throws<InvalidOperationException>(() => encodes.Step()).Message, StringComparison.Ordinal);
        Assert.Contains("Decode gave images of shape (16, 3, 8, 7) where (16, 3, 8, 8) was due", Assert.Throws<InvalidOperationException>(() => decodes.Step()).Message, StringComparison.Ordinal);
    }

    private static string Refused(AlignmentTrainerBuilder builder) => Assert.Throws<InvalidOperationException>(builder.Build).Message;

    private sealed record Term(string Name, bool NeedsTruth = false) : IRegulariser
    {
        public double Weight => 1;

        public bool NeedsReference => false;

        public Tensor Loss(TokenLogProbabilities tokens) => tokens.Current.square();
    }

    private sealed class WithoutTargets : IRolloutSource
    {
        public bool HasTargets => false;

        public Rollout Collect(RolloutRequest request) => throw new NotSupportedException();
    }

    private sealed class NoImages : IImageSource
    {
        public int Count => 0;

        public ImageSize ImageSize => 8;

        public ImageBatch Read(IReadOnlyList<ImageDraw> draws) => throw new NotSupportedException();
    }

    private sealed class Broken(ToyTokenizer inner, bool breaksEncode) : ITokenizer
    {
        public int CodebookSize => inner.CodebookSize;

        public TokenLayout Layout => inner.Layout;

        public ImageSize ImageSize => inner.ImageSize;

        public Tensor Encode(Tensor images) => breaksEncode ? inner.Encode(images).narrow(1, 0, 15) : inner.Encode(images);

        public Tensor Decode(Tensor tokens) => breaksEncode ? inner.Decode(tokens) : inner.Decode(tokens).narrow(3, 0, 7);
    }
}
