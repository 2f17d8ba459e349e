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

    public void Run(StudyOptions options, CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        TrainingBudget budget = options.Quick ? TrainingBudget.Quick : new TrainingBudget();
        EvidenceSizes sizes = options.Quick ? EvidenceSizes.Quick : new EvidenceSizes();
        IReadOnlyList<EvidenceArm> arms = options.Quick ? EvidenceArms.Quick : EvidenceArms.All;
        var folder = new EvidenceFolder(Path.Combine(options.Output, options.Quick ? "evidence-quick" : Name));
        string networks = Path.Combine(options.Networks, options.Quick ? "quick" : "full");
        bool HasTime() => Stopwatch.GetElapsedTime(started).TotalHours < options.BudgetHours;

        foreach (string name in new[] { ShapeWorld.WorldName, PhotographWorld.WorldName }.Where(options.HasWorld))
        {
            string ofWorld = Path.Combine(networks, name);
            using IWorld world = name == ShapeWorld.WorldName ? ShapeWorld.Open(ofWorld, budget, Console.WriteLine, cancellationToken) : new PhotographWorld();
            using LlamaGenPolicy start = BasePolicy.Open(world, ofWorld, budget, Console.WriteLine, cancellationToken);
            using Reward reward = Reward.MeanSquaredError() + Reward.FeatureDistance("features", world.Features);
            var measuring = new WorldStudy(world, reward, start, sizes, folder);
            foreach ((EvidenceArm arm, int seed) in EvidencePlan.Runs(Selected(arms, options), options.Seeds, options.Part, options.Parts))
            {
                if (!HasTime())
                    break;
                EvidenceResult result = measuring.Get(arm, seed, cancellationToken);
                Console.WriteLine($"{name}, {arm.Name}, seed {seed}: Frechet distance {result.Measures[EvidenceMeasures.Frechet]:F3}, {result.Seconds:F1} s of training");
            }

            Console.WriteLine();
            Console.WriteLine($"## {name}");
            Console.WriteLine();
            EvidenceTables.Write(Console.Out, folder.Results(name, arms, options.Seeds), EvidenceArms.Recipe.Name);
        }

        if (!HasTime())
            Console.WriteLine("The time is up. The same command goes on with the runs that are left.");
    }

    private static IReadOnlyList<EvidenceArm> Selected(IReadOnlyList<EvidenceArm> arms, StudyOptions options) =>
        [.. arms.Where(arm => arm.Name.Contains(options.Only, StringComparison.OrdinalIgnoreCase))];
}
