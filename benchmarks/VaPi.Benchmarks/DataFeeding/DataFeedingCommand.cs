using System.Diagnostics;
using TorchSharp;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Data;
using VaPi.Models.LlamaGen;
using VaPi.Rewards;
using static TorchSharp.torch;

namespace VaPi.Benchmarks.DataFeeding;

/// <summary>The share of a run's time in which the trainer waits for images.</summary>
internal static class DataFeedingCommand
{
    private static readonly int[] DecodingThreads = [1, 2];
    private static readonly int[] BatchesAhead = [0, 1, 2];

    public static int Run(IReadOnlyList<string> arguments)
    {
        DataFeedingOptions options;
        try
        {
            options = DataFeedingOptions.Parse(arguments);
        }
        catch (ArgumentException exception)
        {
            Console.Error.WriteLine($"{exception.Message}\n\n{DataFeedingOptions.Help}");
            return 2;
        }

        if (options.ShowHelp)
        {
            Console.WriteLine(DataFeedingOptions.Help);
            return 0;
        }

        string folder = Path.Combine(Path.GetTempPath(), $"vapi-feeding-{Guid.NewGuid():N}");
        try
        {
            Report("writing", $"{options.Images} JPEGs of {options.Side}x{options.Side} pixels", Timed(() => Write(folder, options)));
            Report("opening", "the folder", Timed(() => Open(folder, threads: 1)));
            foreach (int threads in DecodingThreads)
                Decode(folder, threads);
            foreach (int ahead in BatchesAhead)
                Align(folder, options.Steps, ahead);
            return 0;
        }
        finally
        {
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
        }
    }

    // Noise of several scales, so that files are about as long as photographs of the size.
    private static void Write(string folder, DataFeedingOptions options)
    {
        for (int index = 0; index < options.Images; index++)
        {
            using DisposeScope scope = NewDisposeScope();
            string kind = Path.Combine(folder, $"class{index % Sizes.Policy.Classes}");
            if (index < Sizes.Policy.Classes)
                Directory.CreateDirectory(kind);
            Tensor image = zeros(1, 3, options.Side, options.Side);
            for (int side = 4; side <= options.Side; side *= 4)
                image += nn.functional.interpolate(randn(1, 3, side, side), [options.Side, options.Side], mode: InterpolationMode.Bilinear, align_corners: false) / 5;
            ImageFile.Save(image.clamp_(-1, 1), Path.Combine(kind, $"{index:D6}.jpg"), quality: 90);
        }
    }

    private static ImageFolder Open(string folder, int threads) => ImageFolder.Open(folder, Sizes.Side, new ImageFolderOptions { Threads = threads });

    private static void Decode(string folder, int threads)
    {
        ImageFolder images = Open(folder, threads);
        const int Batch = 16;
        double seconds = Timed(() =>
        {
            for (int first = 0; first + Batch <= images.Count; first += Batch)
                images.Read([.. Enumerable.Range(first, Batch).Select(index => new ImageDraw(index, 0))]).Dispose();
        });
        Report("decoding", $"all with {threads} threads: {images.Count / Batch * Batch / seconds:F0} images/s", seconds);
    }

    private static void Align(string folder, int steps, int ahead)
    {
        manual_seed(0);
        using var tokenizer = LlamaGenTokenizer.Create(Sizes.Tokenizer);
        using var policy = LlamaGenPolicy.Create(Sizes.Policy);
        using var reward = Reward.MeanSquaredError();
        using var trainer = AlignmentTrainer.CreateBuilder()
            .WithTokenizer(tokenizer)
            .WithPolicy(policy)
            .WithReward(reward)
            .WithImages(Open(folder, threads: new ImageFolderOptions().Threads))
            .Configure(options =>
            {
                options.Rollouts = steps + 1;
                options.ImagesPerRollout = Sizes.Images;
                options.GroupSize = Sizes.GroupSize;
                options.BatchesAhead = ahead;
            })
            .Build();

        // The first has nothing to read ahead from, and compiles.
        AlignmentStep first = trainer.Step();
        PhaseSeconds[] seconds = [.. Enumerable.Range(0, steps).Select(_ => trainer.Step().Seconds)];
        (double waiting, double total) = (seconds.Sum(phases => phases.Data), seconds.Sum(phases => phases.Total));
        Report(
            "aligning",
            $"{steps} rollouts of {Sizes.Images} images, {ahead} batches ahead: {waiting / total:P2} of the time waiting for images, "
            + $"{waiting / steps * 1000:F2} of {total / steps * 1000:F1} ms a rollout (the first: {first.Seconds.Data * 1000:F0} ms)",
            total);
    }

    private static double Timed(Action action)
    {
        long began = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static void Report(string phase, string what, double seconds) => Console.WriteLine($"{phase,-9} {seconds,7:F2} s  {what}");
}
