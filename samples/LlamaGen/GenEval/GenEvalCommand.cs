using System.Security.Cryptography;
using System.Text;
using LlamaGen.Captions;
using LlamaGen.CommandLine;
using LlamaGen.Generation;
using LlamaGen.Memory;
using LlamaGen.Models;
using LlamaGen.Reporting;
using VaPi;
using VaPi.Models.LlamaGen;
using VaPi.Models.LlamaGen.Costs;
using static System.FormattableString;
using Device = TorchSharp.torch.Device;

namespace LlamaGen.GenEval;

/// <summary><c>geneval</c>: the images that GenEval's scripts measure.</summary>
internal static class GenEvalCommand
{
    private const int PublishedImage = 256;

    public static Command Command { get; } = new(
        "geneval",
        "generates the images that GenEval measures, in its folder layout",
        () => CommandHelp.OfCommand(
            "geneval",
            "Generates images of GenEval's prompts with a text-conditional policy, in the folder layout that GenEval's own scripts read. The defaults are the published sampling.",
            GenEvalOptions.Known,
            [
                ("00000/metadata.jsonl", "the first prompt's line"),
                ("00000/samples/0000.png", "its first image"),
                ("settings.json", "what the images were made with; a run goes on only with the same"),
            ],
            "Ctrl-C stops; the same command goes on where it stopped, and ends with the same images.",
            [("--policy t2i_XL_stage1_256.pt --tokenizer vq_ds16_t2i.pt --prompts evaluation_metadata.jsonl --captions features", "the published text-conditional model")]),
        arguments =>
        {
            GenEvalOptions options = GenEvalOptions.Parse(arguments);
            return (report, cancellationToken) => Run(options, report, cancellationToken);
        });

    private static void Run(GenEvalOptions options, IReport report, CancellationToken cancellationToken)
    {
        Device device = options.Machine.Device();
        IReadOnlyList<GenEvalPrompt> prompts = GenEvalPrompt.Read(options.Prompts);
        IReadOnlyDictionary<int, string> features = Features(options.Captions, prompts);
        TokenizerPlan tokenizerPlan = TokenizerPlan.Of(options.Models, PublishedImage);
        PolicyPlan plan = PolicyPlan.Of(options.Models, tokenizerPlan, captions: true);
        report.Line($"Policy: {plan}.");
        MemoryCheck.Require(
            "Generating", GenerationMemory.Of(plan.Configuration, tokenizerPlan.Configuration, options.BatchSize, options.Sampling.Guidance > 1, plan.Type), options.Machine, report);
        GenEvalFolders folders = GenEvalFolders.Open(options.Output, prompts, options.ImagesPerPrompt, Settings(options, tokenizerPlan, prompts));
        IReadOnlyList<int> missing = folders.Missing();
        if (missing.Count == 0)
        {
            report.Line($"All images are there: {folders}.");
            return;
        }

        int all = prompts.Count * options.ImagesPerPrompt;
        if (missing.Count < all)
            report.Line($"{all - missing.Count} of {Wording.Count(all, "image")} are there already.");
        using LlamaGenTokenizer tokenizer = tokenizerPlan.Load(device);
        using LlamaGenPolicy policy = plan.Load(device);
        var batches = new ImageBatches(policy, tokenizer, options.Sampling);
        try
        {
            report.Track($"Generating {Wording.Count(missing.Count, "image")}", missing.Count, advance =>
            {
                foreach (IReadOnlyList<int> batch in Runs(missing, options.BatchSize))
                {
                    using Condition condition = CaptionFiles.Condition([.. batch.Select(image => features[folders.PromptOf(image).Index])], plan.Configuration);
                    batches.Write(batch[0], condition, [.. batch.Select(folders.FileOf)], cancellationToken);
                    advance(batch.Count);
                }
            });
        }
        catch (OperationCanceledException exception)
        {
            throw new StoppedException($"Stopped with {all - folders.Missing().Count} of {Wording.Count(all, "image")} there. The same command goes on from here.", exception);
        }

        report.Line($"{Wording.Count(all, "image")} in {folders}, for GenEval's evaluate_images.py.");
    }

    /// <summary>Cuts numbers into runs without gaps, since a batch's seeds are consecutive.</summary>
    internal static IEnumerable<IReadOnlyList<int>> Runs(IReadOnlyList<int> numbers, int longest)
    {
        var run = new List<int>();
        foreach (int number in numbers)
        {
            if (run.Count == longest || (run.Count > 0 && run[^1] + 1 != number))
            {
                yield return run;
                run = [];
            }

            run.Add(number);
        }

        if (run.Count > 0)
            yield return run;
    }

    private static Dictionary<int, string> Features(string folder, IReadOnlyList<GenEvalPrompt> prompts)
    {
        if (!Directory.Exists(folder))
            throw new CommandException($"The folder of caption features '{folder}' does not exist.");
        var files = new Dictionary<int, string>();
        var missing = new List<string>();
        foreach (GenEvalPrompt prompt in prompts)
        {
            string[] candidates = [.. new[] { ".npy", ".safetensors" }.Select(extension => Path.Combine(folder, Invariant($"{prompt.Index}{extension}")))];
            if (candidates.FirstOrDefault(File.Exists) is { } found)
                files[prompt.Index] = found;
            else
                missing.Add($"{Path.GetFileName(candidates[0])} ('{prompt.Text}')");
        }

        return missing.Count == 0
            ? files
            : throw new CommandException($"'{folder}' lacks the features of {missing.Count} of {Wording.Count(prompts.Count, "prompt")}: {string.Join(", ", missing.Take(3))}{(missing.Count > 3 ? ", ..." : "")}.");
    }

    private static object Settings(GenEvalOptions options, TokenizerPlan tokenizer, IEnumerable<GenEvalPrompt> prompts) => new
    {
        Policy = State(options.Models.Policy),
        Tokenizer = State(options.Models.Tokenizer),
        Prompts = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', prompts.Select(prompt => prompt.Json))))),
        Captions = Path.GetFullPath(options.Captions),
        options.Models.RandomWeights,
        PolicyType = options.Models.PolicyTypeName,
        ImageSize = tokenizer.Configuration.ImageSize.Width,
        options.ImagesPerPrompt,
        options.Sampling,
    };

    // A file that was replaced since, as by another alignment, makes other images.
    private static object? State(string? path) => path is null
        ? null
        : new { File = Path.GetFullPath(path), Bytes = new FileInfo(path).Length, Changed = File.GetLastWriteTimeUtc(path) };
}
