using TorchSharp;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Contracts;

public class CaptionConditionTests
{
    [Fact]
    public void Captions_are_put_at_the_right_end_and_cut_at_their_own_end()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor longer = arange(10, dtype: ScalarType.Float32).view(5, 2);
        Tensor shorter = full([1, 2], 7f);

        using CaptionCondition captions = CaptionCondition.FromCaptions([longer, shorter, zeros(0, 2)], places: 3);

        Assert.Equal((3, 3, 2), (captions.Count, captions.Places, captions.Width));
        Expect.Identical(longer.narrow(0, 0, 3), captions.Features[0]);
        Expect.Identical(tensor(new[] { 0f, 0f, 0f, 0f, 7f, 7f }).view(3, 2), captions.Features[1]);
        Assert.Equal([true, true, true, false, false, true, false, false, false], captions.Mask.data<bool>().ToArray());
    }

    [Fact]
    public void Images_can_be_chosen_joined_and_freed_of_their_captions()
    {
        using DisposeScope scope = NewDisposeScope();
        using CaptionCondition captions = Captions(3);
        using Condition chosen = captions.Select([2, 0, 0]);
        using Condition unconditional = captions.Unconditional();
        using var both = (CaptionCondition)captions.Concat(unconditional);

        Expect.Identical(captions.Features[2], ((CaptionCondition)chosen).Features[0]);
        Expect.Identical(captions.Mask[0], ((CaptionCondition)chosen).Mask[2]);
        Assert.Equal([false, false, false, true, true, true], both.Dropped);
        Expect.Identical(captions.Mask, both.Mask.narrow(0, 3, 3));
        using Condition last = both.Select([5]);
        Assert.Equal([true], ((CaptionCondition)last).Dropped);
    }

    [Fact]
    public void A_condition_outlives_what_it_was_made_of()
    {
        CaptionCondition captions = Captions(2);
        Condition copy = captions.To(CPU);
        captions.Dispose();

        using (copy)
            Assert.Equal(2 * 4 * 3, ((CaptionCondition)copy).Features.cpu().data<float>().ToArray().Length);
    }

    [Fact]
    public void What_does_not_fit_is_named()
    {
        using DisposeScope scope = NewDisposeScope();
        using CaptionCondition captions = Captions(2);
        using var classes = new ClassCondition([1]);
        using CaptionCondition wider = CaptionCondition.FromCaptions([zeros(1, 5)], 4);

        Assert.Contains("Float32 (2, 3)", Assert.Throws<ArgumentException>(() => new CaptionCondition(zeros(2, 3), zeros([2, 3], ScalarType.Bool))).Message, StringComparison.Ordinal);
        Assert.Contains("Bool (2, 5)", Assert.Throws<ArgumentException>(() => new CaptionCondition(zeros(2, 4, 3), zeros([2, 5], ScalarType.Bool))).Message, StringComparison.Ordinal);
        Assert.Contains("Float32 (2, 4)", Assert.Throws<ArgumentException>(() => new CaptionCondition(zeros(2, 4, 3), zeros(2, 4))).Message, StringComparison.Ordinal);
        Assert.Contains("ClassCondition", Assert.Throws<ArgumentException>(() => captions.Concat(classes)).Message, StringComparison.Ordinal);
        Assert.Contains("4 places with 5 features", Assert.Throws<ArgumentException>(() => captions.Concat(wider)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => captions.Select([2]));
        Assert.Throws<ArgumentException>(() => CaptionCondition.FromCaptions([]));
        Assert.Contains("Float32 ()", Assert.Throws<ArgumentException>(() => CaptionCondition.FromCaptions([tensor(1f)])).Message, StringComparison.Ordinal);
        Assert.Contains("(2, 4)", Assert.Throws<ArgumentException>(() => CaptionCondition.FromCaptions([zeros(1, 3), zeros(2, 4)])).Message, StringComparison.Ordinal);
    }

    private static CaptionCondition Captions(int count)
    {
        using DisposeScope scope = NewDisposeScope();
        using var generator = new Generator(5, CPU);
        return CaptionCondition.FromCaptions([.. Enumerable.Range(1, count).Select(length => randn([length, 3], generator: generator))], places: 4);
    }
}
