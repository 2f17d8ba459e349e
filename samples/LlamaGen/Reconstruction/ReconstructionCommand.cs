using System.Text.Json;
using LlamaGen.CommandLine;
using LlamaGen.Memory;
using LlamaGen.Models;
using LlamaGen.Output;
using LlamaGen.Reporting;
using TorchSharp;
using VaPi;
using VaPi.Data;
using VaPi.Models.LlamaGen;
using VaPi.Models.LlamaGen.Costs;
using static System.FormattableString;
using static TorchSharp.torch;

namespace LlamaGen.Reconstruction;

/// <summary><c>evaluate-reconstruction</c>: what is left of images after the tokenizer.</summary>
internal static class ReconstructionCommand
{
    private const string Numbers = "reconstruction.json";
    private const string Sheet = "side-by-side.png";
    private const int PublishedImage = 256;
    private const int PairsShown = 8;

    public static Command Command { get; } = new(
        "evaluate-reconstruction",
        "encodes and decodes a folder of images: PSNR, mean squared error, codebook usage",
        () => CommandHelp.OfCommand(
            "evaluate-reconstruction",
            "Encodes images to tokens, decodes them, and measures what is left: mean squared error over pixels in [-1, 1], PSNR, and how much of the codebook is used. Reconstructions are clamped to [-1, 1] first.",
            ReconstructionOptions.Known,
            [(Numbers, "all numbers, and each image's"), (Sheet, $"the first {PairsShown} images, each with its reconstruction beside it")],
            "Ctrl-C stops; nothing is written then.",
            [
                ("--tokenizer vq_ds16_c2i.pt --images imagenet/val --limit 1000", "the published tokenizer at 256 pixels"),
                ("--random-weights tiny --images samples/QuickStart/Assets/photographs", "a try without files"),
            ]),
        arguments =>
        {
            ReconstructionOptions options = ReconstructionOptions.Parse(arguments);
            return (report, cancellationToken) => Run(options, report, cancellationToken);
        });

    private static void Run(ReconstructionOptions options, IReport report, CancellationToken cancellationToken)
    {
        Device device = options.Machine.Device();
        TokenizerPlan plan = TokenizerPlan.Of(options.Models, PublishedImage);
        ImageFolder images = ImageFolder.Open(options.Images, plan.Configuration.ImageSize, new ImageFolderOptions { Unlabelled = true });
        int count = Math.Min(images.Count, options.Limit ?? int.MaxValue);
        MemoryCheck.Require("Reconstructing", ReconstructionMemory.Of(plan.Configuration, Math.Min(count, options.BatchSize)), options.Machine, report);
        string folder = OutputFolder.Make(options.Output);
        using LlamaGenTokenizer tokenizer = plan.Load(device);
        var quality = new ReconstructionQuality(tokenizer.CodebookSize);
        var paths = new List<string>();
        using var pictures = new PairPictures(PairsShown);
        try
        {
            report.Track($"Reconstructing {Wording.Count(count, "image")}", count, advance =>
            {
                foreach (int[] indices in Enumerable.Range(0, count).Chunk(options.BatchSize))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    Measure(tokenizer, images, indices, quality, paths, pictures, report);
                    advance(indices.Length);
                }
            });
        }
        catch (OperationCanceledException exception)
        {
            throw new StoppedException($"Stopped after {quality.MeanSquaredErrors.Count} of {Wording.Count(count, "image")}; nothing was written.", exception);
        }

        if (paths.Count == 0)
            throw new CommandException($"None of the images in '{options.Images}' can be read; the warnings say why.");
        pictures.Write(Path.Combine(folder, Sheet));
        WriteNumbers(Path.Combine(folder, Numbers), tokenizer, quality, paths, options);
        report.Table(
            ["measure", "value"],
            [
                ["images", Invariant($"{paths.Count}")],
                ["mean squared error, pixels in [-1, 1]", Invariant($"{quality.MeanSquaredError:G6}")],
                ["PSNR, mean over images", Invariant($"{quality.PeakSignalToNoise:F2} dB")],
                ["codebook rows used", Invariant($"{quality.Codebook.RowsUsed} of {tokenizer.CodebookSize} ({100 * quality.Codebook.Share:F1} %)")],
                ["codebook perplexity", Invariant($"{quality.Codebook.Perplexity:F1}")],
            ]);
        if (quality.Codebook.TokenCount < tokenizer.CodebookSize)
            report.Line($"The images have {quality.Codebook.TokenCount} tokens, fewer than the codebook's rows: more images are needed to tell how much of it is used.");
        report.Line($"Look at {Path.Combine(folder, Sheet)}");
        report.Line($"All numbers: {Path.Combine(folder, Numbers)}");
    }

    private static void Measure(
        LlamaGenTokenizer tokenizer, ImageFolder images, int[] indices, ReconstructionQuality quality, List<string> paths, PairPictures pictures, IReport report)
    {
        using IDisposable gradients = no_grad();
        using DisposeScope scope = NewDisposeScope();
        (int[] readable, ImageBatch? read) = Readable(images, indices, report);
        if (read is null)
            return;
        using ImageBatch batch = read;
        Tensor placed = batch.Images.to(tokenizer.Codebook.device);
        Tensor tokens = tokenizer.Encode(placed); // (B, T)
        Tensor reconstructions = tokenizer.Decode(tokens).clamp_(-1, 1); // (B, 3, H, W)
        quality.Add(placed, reconstructions, tokens);
        paths.AddRange(readable.Select(index => images.Paths[index]));
        pictures.Add(batch.Images, reconstructions.cpu());
    }

    // Images that cannot be read are told and left out.
    private static (int[] Indices, ImageBatch? Batch) Readable(ImageFolder images, int[] indices, IReport report)
    {
        while (indices.Length > 0)
        {
            try
            {
                return (indices, images.Read([.. indices.Select(index => new ImageDraw(index, 0))]));
            }
            catch (ImageDataException exception) when (exception.Unreadable.Count > 0)
            {
                foreach (UnreadableImage unreadable in exception.Unreadable)
                    report.Warn(unreadable.Reason);
                indices = [.. indices.Except(exception.Unreadable.Select(unreadable => unreadable.Index))];
            }
        }

        return ([], null);
    }

    private static void WriteNumbers(string path, LlamaGenTokenizer tokenizer, ReconstructionQuality quality, List<string> paths, ReconstructionOptions options)
    {
        var numbers = new
        {
            Tokenizer = options.Models.Tokenizer ?? $"random weights, {options.Models.RandomWeights}",
            ImageSize = tokenizer.ImageSize.Width,
            Images = paths.Count,
            quality.MeanSquaredError,
            PsnrDecibel = quality.PeakSignalToNoise,
            Tokens = quality.Codebook.TokenCount,
            CodesUsed = quality.Codebook.RowsUsed,
            tokenizer.CodebookSize,
            CodebookUsage = quality.Codebook.Share,
            quality.Codebook.Perplexity,
            Each = paths.Zip(quality.MeanSquaredErrors, (image, error) => new { Image = image, MeanSquaredError = error, PsnrDecibel = ReconstructionQuality.Psnr(error) }),
        };
        WholeFile.Write(path, stream => JsonSerializer.Serialize(stream, numbers, Json.Indented));
    }
}
