using VaPi.Study.Shapes;
using VaPi.Study.Worlds;
using Xunit;

namespace VaPi.Study.Tests.Worlds;

public sealed class SceneSampleVerifierTests
{
    private readonly ShapeScenes _scenes = new(SceneRegion.Evaluation);
    private readonly ImageDraw[] _draws = [.. Enumerable.Range(0, 300).Select(index => new ImageDraw(index, 0))];

    [Fact]
    public void Scenes_as_drawn_score_one_in_every_category()
    {
        (string Name, double Score)[] scores = Scores(_draws);
        Assert.Equal(
            ["verifier", "verifier, single object", "verifier, two objects", "verifier, counting", "verifier, colours", "verifier, position", "verifier, colour attribution"],
            scores.Select(score => score.Name));
        Assert.All(scores, score => Assert.Equal(1, score.Score));
    }

    [Fact]
    public void Scenes_of_other_captions_hardly_score()
    {
        (string Name, double Score)[] scores = Scores([.. _draws.Skip(1), _draws[0]]);
        Assert.InRange(scores[0].Score, 0, 0.2);
        Assert.InRange(scores.Single(score => score.Name.EndsWith("attribution", StringComparison.Ordinal)).Score, 0, 0.02);
    }

    // The scores of other draws' pictures for the captions of the class's own.
    private (string Name, double Score)[] Scores(ImageDraw[] pictures)
    {
        using ImageBatch batch = _scenes.Read(pictures);
        var verifier = new SceneSampleVerifier(_scenes);
        verifier.Add(_draws, batch.Images);
        return [.. verifier.Scores];
    }
}
