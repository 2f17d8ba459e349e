using System.Diagnostics;
using VaPi.Models.LlamaGen;
using VaPi.Rewards;
using VaPi.Study.BaseTraining;
using VaPi.Study.Evidence;
using VaPi.Study.Worlds;

namespace VaPi.Study.Studies;

/// <summary>What alignment does against what else one could do, in two worlds, each arm with several seeds on equal images.</summary>
internal sealed class EvidenceStudy : IStudy
{
    public const string Name = "evidence";

    /// <summary>The worlds, the ones that tell most first.</summary>
    public static IReadOnlyList<string> Worlds { get; } = [ShapeWorld.WorldName, PhotographWorld.WorldName, PhotographWorld.CalibratedName];

    public void Run(StudyOptions options, CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        TrainingBudget budget = BudgetOf(options);
        EvidenceSizes sizes = options.Quick ? EvidenceSizes.Quick : new EvidenceSizes();
        IReadOnlyList<EvidenceArm> arms = options.Quick ? EvidenceArms.Quick : EvidenceArms.All;
        var folder = new EvidenceFolder(RunsOf(options));
        bool HasTime() => Stopwatch.GetElapsedTime(started).TotalHours < options.BudgetHours;

        foreach (string name in Worlds.Where(options.HasWorld))
        {
            if (!HasTime())
                break; // before a world's networks are trained for no run
            using IWorld world = Open(name, options, cancellationToken);
            using LlamaGenPolicy start = BasePolicy.Open(world, NetworksOf(name, options), budget, Console.WriteLine, cancellationToken);
            using Reward reward = Reward.MeanSquaredError() + Reward.FeatureDistance("features", world.Features);
            var measuring = new WorldStudy(world, reward, start, sizes, folder);
            foreach ((EvidenceArm arm, int seed) in EvidencePlan.Runs(Selected(ArmsOf(name, arms), options), options.Seeds, options.Part, options.Parts))
            {
                if (!HasTime())
                    break;
                EvidenceResult result = measuring.Get(arm, seed, cancellationToken);
                Console.WriteLine($"{name}, {arm.Name}, seed {seed}: Frechet distance {result.Measures[EvidenceMeasures.Frechet]:F3}, {result.Seconds:F1} s of training");
            }

            foreach ((string title, string table) in EvidenceDocument.Tables(folder.Results(name, arms, options.Seeds)))
                Console.WriteLine($"\n## {title}\n\n{table}");
        }

        if (!HasTime())
            Console.WriteLine("The time is up. The same command goes on with the runs that are left.");
    }

    /// <summary>Where the results of runs are kept.</summary>
    public static string RunsOf(StudyOptions options) => Path.Combine(options.Runs, options.Quick ? "quick" : "full");

    /// <summary>Opens a world, and trains what networks of it are not there.</summary>
    public static IWorld Open(string name, StudyOptions options, CancellationToken cancellationToken) => name == ShapeWorld.WorldName
        ? ShapeWorld.Open(NetworksOf(name, options), BudgetOf(options), Console.WriteLine, cancellationToken)
        : new PhotographWorld(isCalibrated: name == PhotographWorld.CalibratedName);

    /// <summary>What is run of some arms in a world.</summary>
    // The calibrated base is a control: a few arms tell whether it gains anything. By name, since quick arms differ in the rest.
    public static IReadOnlyList<EvidenceArm> ArmsOf(string world, IReadOnlyList<EvidenceArm> arms) => world == PhotographWorld.CalibratedName
        ? [.. arms.IntersectBy(EvidenceArms.Main.Select(arm => arm.Name), arm => arm.Name)]
        : arms;

    private static string NetworksOf(string world, StudyOptions options) => Path.Combine(options.Networks, options.Quick ? "quick" : "full", world);

    private static TrainingBudget BudgetOf(StudyOptions options) => options.Quick ? TrainingBudget.Quick : new TrainingBudget();

    private static IReadOnlyList<EvidenceArm> Selected(IReadOnlyList<EvidenceArm> arms, StudyOptions options) =>
        [.. arms.Where(arm => arm.Name.Contains(options.Only, StringComparison.OrdinalIgnoreCase))];
}
