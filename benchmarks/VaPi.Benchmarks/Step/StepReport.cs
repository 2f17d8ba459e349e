using System.Globalization;
using System.Text.Json;
using VaPi.Models.LlamaGen.Costs;
using static System.FormattableString;

namespace VaPi.Benchmarks.Step;

/// <summary>Shows what was measured, and writes it to a file.</summary>
internal static class StepReport
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static void Print(StepFigures figures)
    {
        StepOptions options = figures.Options;
        Console.WriteLine(Invariant($"policy of {figures.Parameters / 1e6:F1} M parameters ({options.Layers} layers, width {options.Width}, {options.Heads} heads), V {options.Vocabulary}, T {options.Grid * options.Grid}, {options.Side} px, B {options.Images}, G {options.GroupSize}, {(options.Kl ? "with" : "without")} KL, float32, {options.Threads} threads"));
        Console.WriteLine(Invariant($"gradients differ by {figures.GradientDifference:E1} of their norm; matrix rate {figures.MatrixRate / 1e9:F0} G operations/s"));
        Console.WriteLine();
        Console.WriteLine($"{"seconds",-24}  encode  sample   score  frozen   train  update   whole");
        Console.WriteLine(Row($"library, median of {figures.Library.Count}", figures.Library));
        Console.WriteLine(Row($"published, median of {figures.Published.Count}", figures.Published));
        Console.WriteLine();
        Console.WriteLine(Line("whole rollout, published / library", Invariant($"{figures.RolloutRatio:F2}")));
        Console.WriteLine(Line("training, published / library", Invariant($"{figures.TrainingRatio:F2}")));
        Console.WriteLine(Line("operations, library", Share(figures.LibraryOperations, figures.LibraryShare)));
        Console.WriteLine(Line("operations, published arrangement", Share(figures.PublishedOperations, figures.PublishedShare)));
        Console.WriteLine(Line("cost model's least time", Invariant($"{figures.ModelSeconds:F2} s, measured {StepFigures.Median(figures.Library, seconds => seconds.Total):F2} s")));
    }

    public static void Print(StepMemory memory)
    {
        Console.WriteLine(Line("memory a rollout adds at its peak", Invariant($"{Amounts.OfBytes(memory.Library)} library, {Amounts.OfBytes(memory.Published)} published: {memory.Share:P0}")));
        Console.WriteLine(Line("features and their backward alone", Amounts.OfBytes(memory.Features)));
        Console.WriteLine(Line("what the library's loss adds", Amounts.OfBytes(memory.Loss)));
    }

    public static void Write(string path, object figures) => File.WriteAllText(path, JsonSerializer.Serialize(figures, Indented) + "\n");

    public static object Json(StepFigures figures) => new
    {
        sizes = Sizes(figures.Options),
        parameters = figures.Parameters,
        repeats = figures.Library.Count,
        publishedRepeats = figures.Published.Count,
        threads = figures.Options.Threads,
        matrixRate = figures.MatrixRate,
        gradients = new { difference = figures.GradientDifference },
        rollout = new { ratio = figures.RolloutRatio, library = Median(figures.Library, seconds => seconds.Total), published = Median(figures.Published, seconds => seconds.Total) },
        training = new { ratio = figures.TrainingRatio, library = Median(figures.Library, seconds => seconds.Training), published = Median(figures.Published, seconds => seconds.Training) },
        phases = new { library = Phases(figures.Library), published = Phases(figures.Published) },
        operations = new { library = figures.LibraryOperations, published = figures.PublishedOperations },
        shareOfMatrixRate = new { library = figures.LibraryShare, published = figures.PublishedShare },
        costModel = new { seconds = figures.ModelSeconds },
    };

    public static object Json(StepOptions options, StepMemory memory) => new
    {
        sizes = Sizes(options),
        memory = new { library = memory.Library, published = memory.Published, features = memory.Features, share = memory.Share, loss = memory.Loss },
    };

    public static object Sizes(StepOptions options) => new
    {
        images = options.Images,
        groupSize = options.GroupSize,
        tokens = options.Grid * options.Grid,
        vocabulary = options.Vocabulary,
        side = options.Side,
        width = options.Width,
        layers = options.Layers,
        heads = options.Heads,
        channels = options.Channels,
        lpips = !options.PixelsOnly,
        kl = options.Kl,
    };

    private static object Phases(IReadOnlyList<StepSeconds> rollouts) => new
    {
        encode = Median(rollouts, seconds => seconds.Encode),
        sample = Median(rollouts, seconds => seconds.Sample),
        score = Median(rollouts, seconds => seconds.Score),
        reference = Median(rollouts, seconds => seconds.Reference),
        train = Median(rollouts, seconds => seconds.Train),
        update = Median(rollouts, seconds => seconds.Update),
    };

    private static double Median(IReadOnlyList<StepSeconds> rollouts, Func<StepSeconds, double> seconds) => StepFigures.Median(rollouts, seconds);

    private static string Row(string name, IReadOnlyList<StepSeconds> rollouts)
    {
        Func<StepSeconds, double>[] columns = [s => s.Encode, s => s.Sample, s => s.Score, s => s.Reference, s => s.Train, s => s.Update, s => s.Total];
        return name.PadRight(24) + string.Concat(columns.Select(column => Median(rollouts, column).ToString("F3", CultureInfo.InvariantCulture).PadLeft(8)));
    }

    private static string Share(StepOperations operations, double share) => Invariant($"{Amounts.OfOperations(operations.Total)}, at {100 * share:F0} % of the matrix rate");

    private static string Line(string name, string value) => $"{name,-38} {value}";
}
