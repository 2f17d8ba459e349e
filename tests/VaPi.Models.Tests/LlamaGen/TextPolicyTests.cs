using TorchSharp;
using VaPi.Generation;
using VaPi.Models.LlamaGen;
using VaPi.Models.Tests.Support;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.LlamaGen;

public class TextPolicyTests
{
    private const int Places = 5;
    private const int Width = 12;

    [Theory]
    [InlineData(1.0)]
    [InlineData(2.5)]
    public void Cached_generation_takes_what_the_whole_sequence_predicts(double guidance)
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaGenPolicy policy = Policy();
        using CaptionCondition captions = Captions();
        using Condition unconditional = captions.Unconditional();
        Tensor tokens = policy.Generate(captions, new GenerationOptions { Greedy = true, Guidance = guidance });
        Tensor conditional = Toys.Logits(policy, captions, tokens);
        Tensor free = Toys.Logits(policy, unconditional, tokens);
        Assert.True(tokens.unique().output.numel() > 3);
        Same.AssertExact((free + guidance * (conditional - free)).argmax(-1), tokens);
    }

    [Fact]
    public void Padded_places_do_not_count()
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaGenPolicy policy = Policy();
        using CaptionCondition captions = Captions();
        Tensor filled = captions.Mask.unsqueeze(-1);
        using var otherPadding = new CaptionCondition(where(filled, captions.Features, full_like(captions.Features, 3)), captions.Mask.clone());
        using var otherCaption = new CaptionCondition(where(filled, captions.Features * -1, captions.Features), captions.Mask.clone());
        Tensor logits = Toys.Logits(policy, captions, Toys.Context(3));
        Same.AssertClose(logits, Toys.Logits(policy, otherPadding, Toys.Context(3)));
        Same.AssertDifferent(logits, Toys.Logits(policy, otherCaption, Toys.Context(3)));
    }

    [Fact]
    public void Without_its_caption_an_image_is_the_same_whatever_the_caption_was()
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaGenPolicy policy = Policy();
        using CaptionCondition captions = Captions();
        using var other = new CaptionCondition(captions.Features * 2, captions.Mask.clone());
        using Condition first = captions.Unconditional();
        using Condition second = other.Unconditional();
        Same.AssertExact(Toys.Logits(policy, first, Toys.Context(3)), Toys.Logits(policy, second, Toys.Context(3)));
    }

    [Fact]
    public void In_training_captions_are_dropped_at_the_configured_rate()
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaGenPolicy always = Policy(Shape with { ClassDropout = 1, Dropout = 0 });
        using CaptionCondition captions = Captions();
        using Condition unconditional = captions.Unconditional();
        Tensor context = Toys.Context(3);
        Same.AssertExact(always.Features(unconditional, context, PolicyMode.Evaluation), always.Features(captions, context, PolicyMode.Training));
        Same.AssertDifferent(always.Features(captions, context, PolicyMode.Evaluation), always.Features(captions, context, PolicyMode.Training));
    }

    [Fact]
    public void The_embedding_of_no_caption_is_saved_and_never_trained()
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("text.safetensors");
        using LlamaGenPolicy policy = Policy();
        policy.Save(path);
        using LlamaGenPolicy loaded = LlamaGenPolicy.Load(path, Shape);
        using DisposeScope scope = NewDisposeScope();
        using Condition unconditional = Captions().Unconditional();
        Same.AssertExact(Toys.Logits(policy, unconditional, Toys.Context(3)), Toys.Logits(loaded, unconditional, Toys.Context(3)));
        Assert.DoesNotContain(loaded.NamedParameters(), named => named.Name.Contains("uncond", StringComparison.Ordinal));
        Assert.Contains(loaded.NamedParameters(), named => named.Name == "cls_embedding.cap_proj.fc2.weight");
    }

    [Fact]
    public void A_condition_that_does_not_fit_is_named()
    {
        using DisposeScope scope = NewDisposeScope();
        using LlamaGenPolicy policy = Policy();
        using var classes = new ClassCondition([1, 2, 3]);
        using CaptionCondition narrower = CaptionCondition.FromCaptions([zeros(1, 3), zeros(1, 3), zeros(1, 3)], Places);
        string Message(Condition condition) => Assert.Throws<ArgumentException>(() => policy.Features(condition, Toys.Context(3), PolicyMode.Evaluation)).Message;
        Assert.Contains("conditioned on captions", Message(classes), StringComparison.Ordinal);
        Assert.Contains("5 places with 3 features", Message(narrower), StringComparison.Ordinal);
    }

    private static LlamaGenConfiguration Shape => Toys.PolicyShape.WithCaptions(Places, Width);

    private static LlamaGenPolicy Policy(LlamaGenConfiguration? shape = null) => Toys.Policy(shape ?? Shape);

    private static CaptionCondition Captions()
    {
        using DisposeScope scope = NewDisposeScope();
        using var generator = new Generator(3, CPU);
        return CaptionCondition.FromCaptions([.. new[] { 5, 2, 3 }.Select(length => randn([length, Width], generator: generator))], Places);
    }
}
