using VaPi.Study.Shapes;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Study.Tests.Shapes;

public sealed class ShapeScenesTests
{
    [Fact]
    public void An_index_is_always_the_same_picture_and_caption_whatever_the_seed_of_the_draw()
    {
        var scenes = new ShapeScenes(SceneRegion.Training, 100);
        using ImageBatch first = scenes.Read([new ImageDraw(3, 1), new ImageDraw(4, 1)]);
        using ImageBatch again = scenes.Read([new ImageDraw(4, 9), new ImageDraw(3, 9)]);

        using Tensor turned = again.Images.flip(0);
        Assert.True(first.Images.equal(turned).all().item<bool>());
        Assert.False(first.Images[0].equal(first.Images[1]).all().item<bool>());
        using Tensor captions = ((CaptionCondition)again.Condition).Features.flip(0);
        Assert.True(((CaptionCondition)first.Condition).Features.equal(captions).all().item<bool>());
        Assert.Equal([2, 3, 64, 64], first.Images.shape);
        Assert.InRange(first.Images.min().item<float>(), -1, 1);
        Assert.InRange(first.Images.max().item<float>(), -1, 1);
    }

    [Fact]
    public void Regions_share_no_scene()
    {
        string[] Places(SceneRegion region) => [.. Enumerable.Range(0, 2000).Select(index => string.Join(';', new ShapeScenes(region)[index].Shapes))];
        string[][] regions = [.. Enum.GetValues<SceneRegion>().Select(Places)];
        Assert.All(regions, places => Assert.Equal(2000, places.Distinct().Count()));
        Assert.Equal(6000, regions.SelectMany(places => places).Distinct().Count());
    }

    [Fact]
    public void Categories_are_alike_in_number_and_captions_many()
    {
        Prompt[] prompts = [.. Enumerable.Range(0, 6000).Select(index => new ShapeScenes(SceneRegion.Training)[index].Prompt)];
        Assert.All(prompts.CountBy(prompt => prompt.Category), category => Assert.InRange(category.Value, 850, 1150));
        Assert.Equal(Enum.GetValues<PromptCategory>().Length, prompts.CountBy(prompt => prompt.Category).Count());
        Assert.True(prompts.Select(prompt => prompt.Caption).Distinct().Count() > 200);
    }

    [Fact]
    public void Shapes_keep_apart_and_inside()
    {
        for (int index = 0; index < 2000; index++)
        {
            IReadOnlyList<PlacedShape> shapes = new ShapeScenes(SceneRegion.Evaluation)[index].Shapes;
            foreach (PlacedShape shape in shapes)
            {
                Assert.True(Math.Min(shape.Left, shape.Top) >= SceneSampler.Gap - 1e-9 && Math.Max(shape.Right, shape.Bottom) <= Scene.Side - SceneSampler.Gap + 1e-9);
                Assert.All(shapes.Where(other => other != shape), other => Assert.True(shape.IsClearOf(other, SceneSampler.Gap)));
            }
        }
    }

    [Fact]
    public void Captions_read_as_English()
    {
        var red = new Phrase(1, ShapeColour.Red, ShapeKind.Circle);
        var squares = new Phrase(3, null, ShapeKind.Square);
        Assert.Equal("a red circle", new Prompt(PromptCategory.Colours, red).Caption);
        Assert.Equal("three squares", new Prompt(PromptCategory.Counting, squares).Caption);
        Assert.Equal("a red circle left of three squares", new Prompt(PromptCategory.Position, red, Relation.LeftOf, squares).Caption);
    }
}
