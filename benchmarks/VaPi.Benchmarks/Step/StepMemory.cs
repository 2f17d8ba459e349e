using System.Diagnostics;
using System.Globalization;
using TorchSharp;
using VaPi.Alignment;
using static TorchSharp.torch;

namespace VaPi.Benchmarks.Step;

/// <summary>
/// What a rollout adds to resident memory at its peak, each side in a process of its own: the library, the published
/// arrangement, and the policy's features with their backward pass but without any loss.
/// </summary>
/// <param name="Library">Bytes.</param>
/// <param name="Published">Bytes.</param>
/// <param name="Features">Bytes.</param>
internal sealed record StepMemory(long Library, long Published, long Features)
{
    public const string LibraryName = "library";
    public const string PublishedName = "published";
    public const string FeaturesName = "features";

    public double Share => (double)Library / Published;

    /// <summary>What the library takes beside the features and their backward pass.</summary>
    public long Loss => Library - Features;

    /// <summary>Runs the three in processes of their own, one after the other.</summary>
    /// <param name="arguments">This program's own, which the children get too.</param>
    public static StepMemory Measure(IReadOnlyList<string> arguments)
    {
        long Of(string name)
        {
            var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
            if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
                start.ArgumentList.Add(typeof(StepMemory).Assembly.Location);
            foreach (string argument in (IEnumerable<string>)["step", .. arguments, "--child", name])
                start.ArgumentList.Add(argument);
            using Process child = Process.Start(start)!;
            string output = child.StandardOutput.ReadToEnd();
            child.WaitForExit();
            return child.ExitCode == 0 && long.TryParse(output, CultureInfo.InvariantCulture, out long bytes)
                ? bytes
                : throw new InvalidOperationException($"The process that was to measure '{name}' ended with {child.ExitCode} and said '{output.Trim()}'.");
        }

        return new StepMemory(Of(LibraryName), Of(PublishedName), Of(FeaturesName));
    }

    /// <summary>What a child does: one rollout, and the bytes on standard output.</summary>
    public static void RunChild(StepOptions options)
    {
        set_num_threads(options.Threads);
        Rollout(options.Tiny())(); // loads libraries and starts threads, which are no rollout's
        Action rollout = Rollout(options);
        Console.Write(ResidentMemory.Growth(rollout).ToString(CultureInfo.InvariantCulture));
    }

    // The models live as long as the process.
    private static Action Rollout(StepOptions options)
    {
        var models = new StepModels(options);
        switch (options.Child)
        {
            case LibraryName:
                AlignmentTrainer trainer = models.Trainer(new RecordedRollouts());
                return () => trainer.Step();
            case PublishedName:
                PublishedArrangement published = models.Published();
                RolloutDraws draws = models.RandomDraws();
                return () => published.Step(draws, StepModels.LearningRate);
            case FeaturesName:
                RolloutDraws context = models.RandomDraws();
                return () =>
                {
                    using DisposeScope scope = NewDisposeScope();
                    Tensor features = models.Policy.Features(context.Condition, context.Context!, PolicyMode.Evaluation);
                    features.backward([ones_like(features)]);
                };
            default:
                throw new ArgumentException($"--child is '{options.Child}' but must be {LibraryName}, {PublishedName} or {FeaturesName}.");
        }
    }
}
