using System.Globalization;
using VaPi.Study.Reports;

namespace VaPi.Study.Studies;

/// <summary>Draws the curves of what has been measured, and prints it as tables.</summary>
internal sealed class PlotStudy : IStudy
{
    private static readonly (string Title, Func<ResultRow, double?> Measure)[] Measures =
    [
        ("Held-out reward, clean prefix", row => row.RewardClean),
        ("Held-out reward, noisy prefix", row => row.RewardNoisy),
        ("Frechet distance", row => row.Frechet),
        ("KL to the start, nats a token", row => row.KlDivergence),
    ];

    public void Run(StudyOptions options, CancellationToken cancellationToken)
    {
        IReadOnlyList<ResultRow> credit = new ResultFile(options.Output, LocalisedCreditStudy.Name).Rows;
        if (credit.Count > 0)
        {
            PlotCredit(Path.Combine(options.Output, LocalisedCreditStudy.Name + ".png"), credit);
            Table.Write(Console.Out, credit);
        }

        IReadOnlyList<ResultRow> settings = new ResultFile(options.Output, SettingsStudy.Name).Rows;
        if (settings.Count > 0)
        {
            PlotSettings(Path.Combine(options.Output, SettingsStudy.Name + ".png"), settings);
            Table.Write(Console.Out, settings);
        }

        IReadOnlyList<ResultRow> wallClock = new ResultFile(options.Output, WallClockStudy.Name).Rows;
        if (wallClock.Count > 0)
        {
            PlotWallClock(Path.Combine(options.Output, WallClockStudy.Name + ".png"), wallClock);
            Table.Write(Console.Out, wallClock);
        }

        IReadOnlyList<SweepPoint> sweep = SweepPoint.Read(Path.Combine(options.Output, SweepPoint.FileName + ".json"));
        if (sweep.Count > 0)
            PlotSweep(Path.Combine(options.Output, SweepPoint.FileName + ".png"), sweep);
    }

    private static void PlotWallClock(string path, IReadOnlyList<ResultRow> rows)
    {
        List<string> names = [.. rows.Select(row => row.Value).Distinct()];
        Panel Against(string label, Func<IGrouping<string, ResultRow>, Curve> curve) =>
            new("Frechet distance", label, [.. rows.GroupBy(row => row.Value).Select(curve)]) { Colours = names };
        Figure.Write(
            path,
            1000,
            2,
            [
                Against("seconds of training", arm => Curve.OverSeconds(arm.Key, arm, row => row.Frechet)) with
                {
                    HasLegend = true,
                    LegendCorner = ScottPlot.Alignment.UpperRight,
                },
                Against("rollouts", arm => Curve.Of(arm.Key, arm, row => row.Rollout, row => row.Frechet)),
            ]);
    }

    private static void PlotSweep(string path, IReadOnlyList<SweepPoint> points)
    {
        (string Name, string Label, Func<SweepSizes, int> Of)[] sizes =
        [
            (nameof(SweepSizes.GroupSize), "G, samples an image", size => size.GroupSize),
            (nameof(SweepSizes.Tokens), "T, tokens an image", size => size.Tokens),
            (nameof(SweepSizes.Vocabulary), "V, tokens to choose from", size => size.Vocabulary),
            (nameof(SweepSizes.Images), "B, images a rollout", size => size.Images),
        ];
        (string Name, Func<SweepRollout, double> Seconds)[] arrangements =
            [("library", rollout => rollout.Library), ("published arrangement", rollout => rollout.Published)];
        List<Panel> panels = [];
        foreach ((string name, string label, Func<SweepSizes, int> of) in sizes)
        {
            List<SweepPoint> varied = [.. points.Where(point => point.IsOf(name)).OrderBy(point => of(point.Sizes))];
            IEnumerable<Curve> curves = arrangements.Select(arrangement => new Curve(
                arrangement.Name,
                [
                    .. varied.Select(point => (Size: of(point.Sizes), Seconds: arrangement.Seconds(point.Rollout)))
                        .Select(point => ((double)point.Size, point.Seconds, point.Seconds, point.Seconds)),
                ]));
            panels.Add(new Panel("Seconds a rollout", label, [.. curves])
            {
                Colours = [.. arrangements.Select(arrangement => arrangement.Name)],
                FromZero = true,
                HasLegend = panels.Count == 0,
                LegendCorner = ScottPlot.Alignment.UpperLeft,
            });
        }

        Figure.Write(path, 1400, sizes.Length, panels);
    }

    private static void PlotCredit(string path, IReadOnlyList<ResultRow> rows)
    {
        List<string> names = [.. rows.Select(row => row.Value).Distinct()];
        List<Panel> panels = [];
        foreach (bool weakPrior in new[] { false, true })
        {
            foreach ((string title, Func<ResultRow, double?> measure) in Measures.Take(3))
            {
                panels.Add(new Panel(
                    $"{title}, β {(weakPrior ? "0.1" : "1")}",
                    "rollouts",
                    [
                        .. rows.Where(row => row.Value.EndsWith(LocalisedCreditStudy.WeakPrior, StringComparison.Ordinal) == weakPrior)
                            .GroupBy(row => row.Value.Replace(LocalisedCreditStudy.WeakPrior, "", StringComparison.Ordinal))
                            .Select(arm => Curve.Of(arm.Key, arm, row => row.Rollout, measure)),
                    ])
                { HasLegend = panels.Count % 3 == 0, Colours = names });
            }
        }

        Figure.Write(path, 1400, 3, panels);
    }

    private static void PlotSettings(string path, IReadOnlyList<ResultRow> rows)
    {
        List<Panel> panels = [];
        foreach ((string title, Func<ResultRow, double?> measure) in Measures)
        {
            foreach ((string factor, double own) in SettingsStudy.Factors)
            {
                double Number(ResultRow row) => row.Factor == factor ? double.Parse(row.Value, CultureInfo.InvariantCulture) : own;
                List<ResultRow> last = [.. rows.Where(row => row.Rollout > 0 && (row.Factor == factor || row.Factor == SettingsStudy.RecipeItself))];
                List<double> places = [.. last.Select(Number).Distinct().Order()];
                panels.Add(new Panel(title, factor, [Curve.Of(factor, last, row => places.IndexOf(Number(row)), measure)])
                {
                    Places = [.. places.Select(place => place.ToString("0.####", CultureInfo.InvariantCulture))],
                });
            }
        }

        Figure.Write(path, 1800, SettingsStudy.Factors.Count, panels);
    }
}
