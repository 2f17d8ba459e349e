using TorchSharp;
using VaPi.Study.Shapes;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Study.Tests.Shapes;

public sealed class CaptionTableTests
{
    [Fact]
    public void Captions_with_the_same_words_differ_where_the_words_belong_elsewhere()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor given = CaptionTable.Features("a red circle and a blue square");
        Tensor swapped = CaptionTable.Features("a blue circle and a red square");
        Tensor turned = CaptionTable.Features("a blue square and a red circle");

        Assert.Equal([3, CaptionTable.Width], given.shape);
        Assert.True(given.sum([0]).equal(swapped.sum([0])).all().item<bool>()); // one bag would not tell them apart
        Assert.False(given.equal(swapped).all().item<bool>());

        // Nor would the rows without the marks of their parts, since the policy cannot tell their order.
        Assert.True(given[0].equal(turned[2]).sum().item<long>() < CaptionTable.Width);
    }

    [Fact]
    public void Every_caption_has_features_of_its_own()
    {
        var features = new Dictionary<string, string>();
        for (int seed = 0; seed < 3000; seed++)
        {
            string caption = SceneSampler.Sample(seed).Prompt.Caption;
            using Tensor rows = CaptionTable.Features(caption);
            features[caption] = string.Join(',', rows.data<float>().ToArray());
        }

        Assert.Equal(features.Count, features.Values.Distinct().Count());
    }

    [Fact]
    public void Short_captions_leave_places_empty()
    {
        using CaptionCondition condition = CaptionTable.Condition(["two circles", "a circle above a square"]);
        Assert.Equal([false, false, true, true, true, true], condition.Mask.data<bool>().ToArray());
        Assert.Equal(CaptionTable.Width, condition.Width);
    }

    [Fact]
    public void A_word_that_the_table_lacks_is_named()
    {
        var exception = Assert.Throws<ArgumentException>(() => CaptionTable.Features("a red hexagon"));
        Assert.Contains("hexagon", exception.Message, StringComparison.Ordinal);
    }
}
