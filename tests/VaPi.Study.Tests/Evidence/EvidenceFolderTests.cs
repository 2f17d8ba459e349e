using VaPi.Study.Evidence;
using VaPi.Study.Tests.Support;
using Xunit;

namespace VaPi.Study.Tests.Evidence;

public sealed class EvidenceFolderTests : IDisposable
{
    private readonly TemporaryFolder _root = new();

    public void Dispose() => _root.Dispose();

    [Fact]
    public void A_run_that_is_there_is_not_made_again()
    {
        var folder = new EvidenceFolder(_root.Root);
        string path = folder.ResultPath("world", EvidenceArms.Recipe, 1);
        EvidenceResult made = EvidenceFolder.Get(path, EvidenceArms.Recipe, () => Result(1, double.NaN) with
        {
            Courses = new Dictionary<string, float[]> { ["reward"] = [0.1f, float.NaN] },
            Examples = [[3, 4], [5, 6]],
        });

        EvidenceResult read = EvidenceFolder.Get(path, EvidenceArms.Recipe, () => throw new InvalidOperationException("made again"));

        Assert.Equal(made.Measures, read.Measures);
        Assert.Equal(made.Courses, read.Courses);
        Assert.Equal(made.Examples, read.Examples);
        Assert.Equal(made with { Measures = read.Measures, Courses = read.Courses, Examples = read.Examples }, read);
        Assert.Equal(1, Assert.Single(folder.Results("world", EvidenceArms.All, [0, 1, 2])).Seed);
        Assert.Empty(folder.Results("other", EvidenceArms.All, [0, 1, 2]));
    }

    [Fact]
    public void A_run_that_fails_leaves_nothing()
    {
        string path = new EvidenceFolder(_root.Root).ResultPath("world", EvidenceArms.Recipe, 1);
        Assert.Throws<InvalidOperationException>(() => EvidenceFolder.Get(path, EvidenceArms.Recipe, () => throw new InvalidOperationException()));
        Assert.Null(EvidenceFolder.Read(path));
        Assert.Equal(2, EvidenceFolder.Get(path, EvidenceArms.Recipe, () => Result(1, 2)).Measures["distance"]);
    }

    [Fact]
    public void A_run_of_an_arm_that_has_changed_is_refused()
    {
        var folder = new EvidenceFolder(_root.Root);
        EvidenceArm arm = EvidenceArms.Recipe;
        string path = folder.ResultPath("world", arm, 1);
        EvidenceResult Make(double noise) => Result(1, 2) with { Recipe = arm.Recipe with { ContextNoise = noise, LearningRate = 0.5 } };

        EvidenceFolder.Get(path, arm, () => Make(arm.Recipe.ContextNoise));
        Assert.Single(folder.Results("world", [arm], [1])); // the learning rate is chosen, not the arm's

        File.Delete(path);
        EvidenceFolder.Get(path, arm, () => Make(0.9));
        Assert.Contains("0.9", Assert.Throws<InvalidDataException>(() => folder.Results("world", [arm], [1])).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => EvidenceFolder.Get(path, arm, () => Make(0.9)));
    }

    [Fact]
    public void Learning_rates_and_seeds_have_files_of_their_own()
    {
        var folder = new EvidenceFolder(_root.Root);
        string[] paths =
        [
            folder.ResultPath("world", EvidenceArms.Recipe, 0),
            folder.ResultPath("world", EvidenceArms.Recipe, 1),
            folder.TrialPath("world", EvidenceArms.Recipe, 1e-5),
            folder.TrialPath("world", EvidenceArms.Recipe, 3e-5),
            folder.ResultPath("world", EvidenceArms.Base, 0),
            folder.ResultPath("other", EvidenceArms.Base, 0),
        ];
        Assert.Distinct(paths);
    }

    internal static EvidenceResult Result(int seed, double distance, string arm = "VA-π") => new()
    {
        World = "world",
        Factor = arm,
        Value = "",
        Seed = seed,
        LearningRate = 3e-5,
        Rollouts = 4,
        Images = 32,
        Seconds = 1.5,
        Measures = new Dictionary<string, double> { ["distance"] = distance },
    };
}
