using System.Globalization;
using LlamaGen.Captions;
using LlamaGen.CommandLine;
using LlamaGen.Memory;
using LlamaGen.Models;
using LlamaGen.Output;
using LlamaGen.Reporting;
using VaPi;
using VaPi.Models.LlamaGen;
using VaPi.Models.LlamaGen.Costs;
using static System.FormattableString;
using Device = TorchSharp.torch.Device;

namespace LlamaGen.Generation;

/// <summary><c>generate</c>: images of classes or captions.</summary>
internal static class GenerateCommand
{
    private const string Sheet = "contact-sheet.png";
    private const int PublishedImage = 256;

    public static Command Command { get; } = new(
        "generate",
        "generates images of classes or captions, and a contact sheet",
        () => CommandHelp.OfCommand(
            "generate",
            "Generates images of classes or captions with a policy and its tokenizer.",
            GenerateOptions.Known,
            [("0000-class-207.png, ...", "the images; those of captions are named for the caption's file"), (Sheet, $"the first {ContactSheet.MostPictures} of them")],
            "Ctrl-C stops; images that are finished stay.",
            [
                ("--policy c2i_XXL_384.pt --tokenizer vq_ds16_c2i.pt --image-size 384 --classes 207,360", "the published class-conditional model"),
                ("--policy t2i_XL_stage1_256.pt --tokenizer vq_ds16_t2i.pt --captions features --guidance 7.5", "the published text-conditional model, from a folder of caption features"),
                ("--random-weights tiny --classes 1,2,3", "a try without files: noise, within seconds"),
            ]),
        arguments =>
        {
            GenerateOptions options = GenerateOptions.Parse(arguments);
            return (report, cancellationToken) => Run(options, report, cancellationToken);
        });

    private static void Run(GenerateOptions options, IReport report, CancellationToken cancellationToken)
    {
        Device device = options.Machine.Device();
        TokenizerPlan tokenizerPlan = TokenizerPlan.Of(options.Models, PublishedImage);
        PolicyPlan plan = PolicyPlan.Of(options.Models, tokenizerPlan, captions: options.Captions is not null);
        IReadOnlyList<ImageToGenerate> images = Images(options, plan.Configuration);
        string folder = OutputFolder.Make(options.Output);
        int atATime = Math.Min(options.BatchSize, images.Count);
        report.Line($"Policy: {plan}.");
        MemoryCheck.Require("Generating", GenerationMemory.Of(plan.Configuration, tokenizerPlan.Configuration, atATime, options.Sampling.Guidance > 1, plan.Type), options.Machine, report);

        using LlamaGenTokenizer tokenizer = tokenizerPlan.Load(device);
        using LlamaGenPolicy policy = plan.Load(device);
        var batches = new ImageBatches(policy, tokenizer, options.Sampling);
        var finished = new List<(string File, string Caption)>();
        try
        {
            report.Track($"Generating {Wording.Count(images.Count, "image")}", images.Count, advance =>
            {
                foreach (ImageToGenerate[] batch in images.Chunk(options.BatchSize))
                {
                    string[] files = [.. batch.Select(image => Path.Combine(folder, image.File))];
                    using Condition condition = ConditionOf(batch, plan.Configuration);
                    batches.Write(finished.Count, condition, files, cancellationToken);
                    finished.AddRange(files.Zip(batch, (file, image) => (file, image.Caption)));
                    advance(batch.Length);
                }
            });
        }
        catch (OperationCanceledException exception)
        {
            WriteSheet(folder, finished);
            throw new StoppedException($"Stopped after {finished.Count} of {Wording.Count(images.Count, "image")}, which {(finished.Count == 1 ? "is" : "are")} in '{folder}'.", exception);
        }

        WriteSheet(folder, finished);
        report.Line($"Images: {folder}");
        report.Line($"Look at {Path.Combine(folder, Sheet)}");
    }

    private static void WriteSheet(string folder, List<(string File, string Caption)> finished)
    {
        if (finished.Count > 0)
            ContactSheet.Write(Path.Combine(folder, Sheet), finished);
    }

    private static List<ImageToGenerate> Images(GenerateOptions options, LlamaGenConfiguration policy)
    {
        var images = new List<ImageToGenerate>();
        void Add(string name, string caption, int? label, string? features)
        {
            for (int repeat = 0; repeat < options.Count; repeat++)
                images.Add(new ImageToGenerate(Invariant($"{images.Count:D4}-{name}.png"), caption, label, features));
        }

        if (options.Captions is { } captions)
        {
            foreach (string file in CaptionFiles.At(captions))
                Add(Path.GetFileNameWithoutExtension(file), Path.GetFileNameWithoutExtension(file), null, file);
            return images;
        }

        foreach (int label in options.LabelsOf(policy.Classes))
        {
            if (label >= policy.Classes)
                throw new CommandException($"--classes has {label}, but the policy has the classes 0 to {policy.Classes - 1}, and -1 for none.");
            Add(label < 0 ? "no-class" : $"class-{label.ToString(CultureInfo.InvariantCulture)}", label < 0 ? "no class" : Invariant($"class {label}"), label, null);
        }

        return images;
    }

    private static Condition ConditionOf(ImageToGenerate[] images, LlamaGenConfiguration policy) => policy.IsTextConditional
        ? CaptionFiles.Condition([.. images.Select(image => image.Features!)], policy)
        : new ClassCondition(images.Select(image => (long)image.Label!));

    /// <param name="File">The file's name.</param>
    /// <param name="Caption">What the contact sheet says.</param>
    /// <param name="Label">Its class; null with captions.</param>
    /// <param name="Features">The file of its caption; null with classes.</param>
    private sealed record ImageToGenerate(string File, string Caption, int? Label, string? Features);
}
