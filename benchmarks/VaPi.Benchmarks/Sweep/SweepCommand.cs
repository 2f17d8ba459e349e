using System.Text.Json.Nodes;
using VaPi.Benchmarks.Step;
using static System.FormattableString;

namespace VaPi.Benchmarks.Sweep;

/// <summary>Whole rollouts at sizes around one, the library against the published arrangement.</summary>
internal static class SweepCommand
{
    public const string Help = """
        Measures whole rollouts as 'step' does, at sizes around one: groups of 2 to 32, 16 to 144 tokens, 1024 to 16384 tokens to
        choose from, 1 to 8 images a rollout, and with the KL term.

        usage: VaPi.Benchmarks sweep [options]

          --json FILE        keep the points in this file; those already there are not measured again
          --repeats N        rollouts a point (default: 3)
          --published N      the published arrangement makes no further rollouts at a point after N seconds (default: 8)
          others             the size around which the sweep goes, and threads, as with 'step --help'
        """;

    private const int WrongUsage = 64;
    private const int DefaultRepeats = 3;
    private const int DefaultPublishedSeconds = 8;

    public static int Run(IReadOnlyList<string> arguments)
    {
        IReadOnlyList<SweepPoint> points;
        SweepFile file;
        try
        {
            StepOptions options = StepOptions.Parse(arguments);
            if (options.ShowHelp)
            {
                Console.WriteLine(Help);
                return 0;
            }

            if (options.Memory || options.Child is not null)
                throw new ArgumentException("A sweep measures time only: --memory belongs to 'step'.");
            points = SweepPoint.Around(options with
            {
                Repeats = options.Repeats ?? DefaultRepeats,
                PublishedSeconds = options.PublishedSeconds ?? DefaultPublishedSeconds,
            });
            file = new SweepFile(options.Json, points);
        }
        catch (ArgumentException exception)
        {
            Console.Error.WriteLine($"{exception.Message} --help explains the options.");
            return WrongUsage;
        }

        return Measure(points, file) ? 0 : 1;
    }

    // False if the gradients of a point do not agree, so that its times do not compare.
    private static bool Measure(IReadOnlyList<SweepPoint> points, SweepFile file)
    {
        Console.WriteLine($"{"",-10} {"library",10} {"published",10} {"published /",12} {"in",9} {"of the",12}");
        Console.WriteLine($"{"",-10} {"seconds",10} {"seconds",10} {"library",12} {"training",9} {"matrix rate",12}");
        foreach (SweepPoint point in points)
        {
            JsonNode? measured = file.Find(point);
            if (measured is null)
            {
                StepFigures figures = StepMeasurement.Of(point.Options);
                if (!(figures.GradientDifference < GradientAgreement.Tolerance))
                {
                    Console.Error.WriteLine($"{point.Label}: the gradients differ by {figures.GradientDifference:E1} of their norm, more than {GradientAgreement.Tolerance:E0}, so the arrangements do not compute the same and their times do not compare.");
                    return false;
                }

                measured = file.Add(point, figures);
            }

            double Number(string group, string name) => measured[group]![name]!.GetValue<double>();
            Console.WriteLine(Invariant($"{point.Label,-10} {Number("rollout", "library"),10:F3} {Number("rollout", "published"),10:F3} {Number("rollout", "ratio"),12:F2} {Number("training", "ratio"),9:F2} {Number("shareOfMatrixRate", "library"),12:P0}"));
        }

        return true;
    }
}
