using VaPi.Study.Shapes;
using VaPi.Study.Shapes.Reading;
using Xunit;

namespace VaPi.Study.Tests.Shapes;

public sealed class SceneVerifierTests
{
    private static readonly Phrase Circle = new(1, null, ShapeKind.Circle);
    private static readonly Phrase Square = new(1, null, ShapeKind.Square);

    [Fact]
    public void A_caption_that_says_something_else_is_not_shown()
    {
        float[] planes = new float[SceneDrawing.Length];
        var categories = new HashSet<PromptCategory>();
        for (int seed = 0; seed < 1000; seed++)
        {
            Scene scene = SceneSampler.Sample(seed);
            SceneDrawing.Draw(scene, planes);
            IReadOnlyList<SeenShape> seen = SceneReader.Read(planes, Scene.Side, Scene.Side);
            Prompt prompt = scene.Prompt;
            Assert.False(SceneVerifier.IsShown(prompt with { Subject = prompt.Subject with { Count = prompt.Subject.Count + 1 } }, seen));
            Assert.False(SceneVerifier.IsShown(prompt with { Subject = prompt.Subject with { Kind = Absent(prompt) } }, seen));
            if (prompt.Subject.Colour is { } colour)
                Assert.False(SceneVerifier.IsShown(prompt with { Subject = prompt.Subject with { Colour = Palette.All[((int)colour + 1) % Palette.All.Count] } }, seen));
            if (prompt.Object is { } other && prompt.Category == PromptCategory.ColourAttribution)
                Assert.False(SceneVerifier.IsShown(prompt with { Subject = prompt.Subject with { Colour = other.Colour }, Object = other with { Colour = prompt.Subject.Colour } }, seen));
            if (prompt.Category == PromptCategory.Position)
            {
                foreach (Relation relation in Enum.GetValues<Relation>().Where(relation => relation != Relation.And))
                    Assert.Equal(relation == prompt.Relation, SceneVerifier.IsShown(prompt with { Relation = relation }, seen));
            }

            categories.Add(prompt.Category);
        }

        Assert.Equal(Enum.GetValues<PromptCategory>().Length, categories.Count);

        static ShapeKind Absent(Prompt prompt) => Enum.GetValues<ShapeKind>().First(kind => prompt.Phrases.All(phrase => phrase.Kind != kind));
    }

    [Fact]
    public void Shapes_that_the_caption_does_not_name_are_wrong()
    {
        var prompt = new Prompt(PromptCategory.SingleObject, Circle);
        Assert.True(SceneVerifier.IsShown(prompt, [Seen(ShapeKind.Circle, 20, 20)]));
        Assert.False(SceneVerifier.IsShown(prompt, [Seen(ShapeKind.Circle, 20, 20), Seen(ShapeKind.Triangle, 40, 40)]));
        Assert.False(SceneVerifier.IsShown(prompt, []));
    }

    [Theory]
    [InlineData(40, 25, Relation.LeftOf)]
    [InlineData(5, 25, Relation.RightOf)]
    [InlineData(25, 40, Relation.Above)]
    [InlineData(25, 5, Relation.Below)]
    internal void A_relation_is_that_of_the_larger_distance(double x, double y, Relation relation)
    {
        SeenShape[] seen = [Seen(ShapeKind.Square, x, y), Seen(ShapeKind.Circle, 20, 20)];
        foreach (Relation asked in Enum.GetValues<Relation>())
            Assert.Equal(asked == relation || asked == Relation.And, SceneVerifier.IsShown(new Prompt(PromptCategory.Position, Circle, asked, Square), seen));
    }

    [Fact]
    public void Scores_are_shares_by_category_and_overall_their_mean()
    {
        var scores = new CategoryScores();
        Assert.True(double.IsNaN(scores.Overall));
        var single = new Prompt(PromptCategory.SingleObject, Circle);
        var both = new Prompt(PromptCategory.TwoObjects, Circle, Relation.And, Square);
        scores.Add(single, [Seen(ShapeKind.Circle, 20, 20)]);
        scores.Add(single, []);
        scores.Add(single, []);
        scores.Add(single, []);
        scores.Add(both, [Seen(ShapeKind.Circle, 20, 20), Seen(ShapeKind.Square, 40, 40)]);

        Assert.Equal(0.25, scores.Shares[PromptCategory.SingleObject]);
        Assert.Equal(1, scores.Shares[PromptCategory.TwoObjects]);
        Assert.Equal(0.625, scores.Overall);
    }

    private static SeenShape Seen(ShapeKind kind, double x, double y) => new(kind, ShapeColour.Red, x, y, 200, 1);
}
