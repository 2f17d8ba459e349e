using QuickStart.Measuring;
using QuickStart.Models;
using QuickStart.Photographs;

namespace QuickStart.CommandLine;

/// <summary>The program's arguments.</summary>
internal sealed record QuickStartOptions
{
    private const int LargestSeed = 2_000_000_000; // measuring adds to it
    private const int MostRollouts = 100_000;
    private const int FewestSamples = 64;
    private const int MostSamples = 100_000;

    private static readonly string Assets = Path.Combine(AppContext.BaseDirectory, "Assets");
    private static readonly QuickStartOptions Default = new();

    private static readonly CommandLineOption<QuickStartOptions>[] Known =
    [
        new(
            "--images",
            "DIR",
            $"photographs of your own: one sub-folder a class, JPEG, PNG or WebP, at least {TileCrops.SmallestPhotograph}x{TileCrops.SmallestPhotograph} pixels each; others are skipped with a warning. As many classes as the networks know at most, which are six in those of the sample (default: the six photographs of the sample)",
            (options, value) => options with { Images = value.Folder() }),
        new(
            "--output",
            "DIR",
            $"where the results go; made if there is none (default: {Default.Output})",
            (options, value) => options with { Output = value.Folder() }),
        new(
            "--seed",
            "N",
            $"decides everything random, 0 to {LargestSeed} (default: {Default.Seed})",
            (options, value) => options with { Seed = value.Number(0, LargestSeed) }),
        new(
            "--rollouts",
            "N",
            $"rollouts of alignment, and as many steps of the control, 1 to {MostRollouts} (default: {Default.Rollouts})",
            (options, value) => options with { Rollouts = value.Number(1, MostRollouts) }),
        new(
            "--samples",
            "N",
            $"free-running samples of each policy for its Frechet distance, {FewestSamples} to {MostSamples}; fewer are quicker, but distances of different numbers of samples cannot be compared (default: {Default.Samples})",
            (options, value) => options with { Samples = value.Number(FewestSamples, MostSamples) }),
        new(
            "--models",
            "DIR",
            $"the three small networks: {SmallModels.TokenizerFile}, {SmallModels.PolicyFile}, {SmallModels.FeaturesFile} (default: those of the sample, trained on its photographs)",
            (options, value) => options with { Models = value.Folder() }),
        new(
            "--train-base",
            null,
            "first train those networks on the photographs and write them to --models, which must be named then; it takes twenty minutes or so (default: not)",
            (options, _) => options with { TrainBase = true }),
        new(
            "--report",
            null,
            "also write a page to look at, with all tables, curves and pictures, and measure on held-out crops what alignment bounds and how much it suffers from its own mistakes (default: not)",
            (options, _) => options with { Report = true }),
        new("--help", null, "this text; -h too", (options, _) => options with { ShowHelp = true }),
    ];

    public string Images { get; private init; } = Path.Combine(Assets, "photographs");

    public string Output { get; private init; } = "quickstart-output";

    public string Models { get; private init; } = Path.Combine(Assets, "models");

    public int Seed { get; private init; }

    public int Rollouts { get; private init; } = 50;

    public int Samples { get; private init; } = Evaluator.FreeRunningSamples;

    public bool TrainBase { get; private init; }

    public bool Report { get; private init; }

    public bool ShowHelp { get; private init; }

    /// <summary>Whether the networks of the sample meet photographs that they were not trained on.</summary>
    public bool HasForeignPhotographs => Models == Default.Models && Images != Default.Images;

    public static string HelpText => Help.Text(Known);

    /// <summary>Reads <c>--name value</c> and <c>--name=value</c>; the last of two values counts.</summary>
    /// <exception cref="ArgumentException">An option is unknown, or has no proper value, or two do not fit together.</exception>
    public static QuickStartOptions Parse(IReadOnlyList<string> arguments)
    {
        QuickStartOptions options = CommandLineParser.Parse(Known, Default, arguments);
        if (!options.ShowHelp)
            Check(options);
        return options;
    }

    private static void Check(QuickStartOptions options)
    {
        if (options.TrainBase && options.Models == Default.Models)
            throw new ArgumentException("--train-base writes its networks to a folder of yours: name it with --models.");

        // An aligned policy and the policy to align have the same file name.
        if (IsWithin(options.Output, options.Models) && IsWithin(options.Models, options.Output))
            throw new ArgumentException($"--output and --models are both '{options.Output}', but the aligned policy must not replace the one to align. Name two folders.");
        if (IsWithin(options.Output, options.Images))
            throw new ArgumentException($"--output '{options.Output}' lies within --images '{options.Images}', where the next run would take its pictures for photographs. Name another folder.");
    }

    private static bool IsWithin(string path, string folder)
    {
        StringComparison comparison = OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
        string Full(string name) => Path.TrimEndingDirectorySeparator(Followed(Path.GetFullPath(name))) + Path.DirectorySeparatorChar;
        return Full(path).StartsWith(Full(folder), comparison);
    }

    // The folder that a path leads to, whatever links stand in it: two names of one folder are one folder.
    private static string Followed(string path)
    {
        if (Path.GetDirectoryName(path) is not { } parent)
            return path;
        string here = Path.Combine(Followed(parent), Path.GetFileName(path));
        try
        {
            return new DirectoryInfo(here).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? here;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return here; // nothing there yet, or nothing to get at: whoever opens it says so
        }
    }
}
