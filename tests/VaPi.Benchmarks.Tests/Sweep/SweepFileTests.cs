using System.Text.Json.Nodes;
using VaPi.Benchmarks.Step;
using VaPi.Benchmarks.Sweep;
using Xunit;

namespace VaPi.Benchmarks.Tests.Sweep;

public sealed class SweepFileTests : IDisposable
{
    private static readonly IReadOnlyList<SweepPoint> Points = SweepPoint.Around(new StepOptions());

    private readonly string _folder = Directory.CreateTempSubdirectory("vapi-benchmarks-").FullName;

    private string Json => Path.Combine(_folder, "sweep.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Points_are_found_again()
    {
        var file = new SweepFile(Json, Points);
        Assert.Null(file.Find(Points[0]));
        file.Add(Points[0], Figures(Points[0], 2, 6));
        file.Add(Points[1], Figures(Points[1], 1, 4));

        var again = new SweepFile(Json, Points);

        Assert.Equal(3, again.Find(Points[0])!["rollout"]!["ratio"]!.GetValue<double>());
        JsonNode second = again.Find(Points[1])!;
        Assert.Equal(("groupSize", 2, 4), (second["varied"]!.GetValue<string>(), second["sizes"]!["groupSize"]!.GetValue<int>(), second["rollout"]!["ratio"]!.GetValue<double>()));
        Assert.Null(again.Find(Points[2]));
    }

    [Fact]
    public void Points_of_another_sweep_are_refused()
    {
        var file = new SweepFile(Json, Points);
        file.Add(Points[0], Figures(Points[0], 2, 6));

        ArgumentException ofSizes = Assert.Throws<ArgumentException>(() => new SweepFile(Json, SweepPoint.Around(new StepOptions { Width = 256 })));
        ArgumentException ofThreads = Assert.Throws<ArgumentException>(() => new SweepFile(Json, SweepPoint.Around(new StepOptions { Threads = 64 })));

        Assert.Contains("\"width\":512", ofSizes.Message, StringComparison.Ordinal);
        Assert.Contains("a point that this sweep does not have", ofThreads.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[")]
    public void Other_files_are_refused(string text)
    {
        File.WriteAllText(Json, text);

        Assert.Contains("is not a file that a sweep has written", Assert.Throws<ArgumentException>(() => new SweepFile(Json, Points)).Message, StringComparison.Ordinal);
    }

    private static StepFigures Figures(SweepPoint point, double library, double published)
    {
        static StepSeconds Seconds(double whole) => new(0, 0, 0, 0, whole, 0);
        var operations = new StepOperations(1, 1, 1, 1, 1);
        return new StepFigures
        {
            Options = point.Options,
            Parameters = 1,
            Library = [Seconds(library), Seconds(library)],
            Published = [Seconds(published)],
            LibraryOperations = operations,
            PublishedOperations = operations,
            GradientDifference = 1e-6,
            MatrixRate = 1,
            ModelSeconds = 1,
        };
    }
}
