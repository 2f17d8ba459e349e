using System.Xml.Linq;
using VaPi;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using VaPi.Data;
using VaPi.Evaluation.Likelihood;
using VaPi.Generation;
using VaPi.Models.LlamaGen;
using VaPi.Models.Tests.Support;
using VaPi.Reporting;
using VaPi.Rewards;
using VaPi.Tests.Checkpoints.Support;
using Xunit;
using static TorchSharp.torch;

namespace Documents;

/// <summary>The code of <c>docs/reports.md</c>, run.</summary>
public class ReportSnippets
{
    [Fact]
    public async Task A_run_is_measured_and_reported()
    {
        using var folder = new TemporaryFolder();
        using LlamaGenPolicy policy = Toys.Policy();
        using var tokenizer = LlamaGenTokenizer.Create(Toys.TokenizerShape with { ImageSize = 8 });
        using Tensor images = rand(12, 3, 8, 8);
        using var labels = new ClassCondition([.. Enumerable.Range(0, 12).Select(index => (long)index % Toys.Classes)]);
        using TensorImageSource source = ImageSource.FromTensors(images * 2 - 1, labels);
        using AlignmentTrainer trainer = AlignmentTrainer.CreateBuilder()
            .WithTokenizer(tokenizer)
            .WithPolicy(policy)
            .WithReward(Reward.MeanSquaredError())
            .WithImages(source)
            .Configure(options => (options.Rollouts, options.ImagesPerRollout, options.GroupSize, options.LearningRate) = (3, 2, 2, 1e-3))
            .Build();

        LikelihoodChange change = await Measure(policy, tokenizer, source, trainer);
        Assert.Equal(11, change.Differences.Count);
        Assert.NotEqual(0, change.Differences[0].Value.Mean);

        string file = folder.File("report.html");
        Report(file, change, [], policy, tokenizer, labels, images * 2 - 1);
        XElement page = XElement.Load(file);
        Assert.Contains("Exposure bias", page.Descendants("h2").Select(heading => heading.Value));

        await Log(folder.File("run"), trainer, images * 2 - 1);
        Assert.Single(Directory.GetFiles(folder.File("run")));
    }

    private static async Task<LikelihoodChange> Measure(LlamaGenPolicy policy, LlamaGenTokenizer tokenizer, IImageSource heldOut, AlignmentTrainer trainer)
    {
        #region reports-measure
        var options = new LikelihoodOptions { Images = 256, SamplesPerImage = 4, ContextNoise = 0.5 };

        LikelihoodReport before = HeldOutLikelihood.Measure(policy, tokenizer, heldOut, options);
        await trainer.AlignAsync();
        LikelihoodReport after = HeldOutLikelihood.Measure(policy, tokenizer, heldOut, options);

        LikelihoodChange change = after.Since(before);
        Console.WriteLine(change); // a table in Markdown: before, after, and the difference in pairs
        #endregion

        return change;
    }

    private static void Report(
        string path, LikelihoodChange change, IReadOnlyList<AlignmentStep> steps, LlamaGenPolicy policy, LlamaGenTokenizer tokenizer, ClassCondition labels, Tensor imagesBefore)
    {
        #region reports-page
        // The same classes and seed as before alignment: images of one column differ by the policy alone.
        using Tensor tokens = policy.Generate(labels, new GenerationOptions { Seed = 1 });
        using Tensor imagesAfter = tokenizer.Decode(tokens);

        var table = new ReportTable("Exposure bias", "measure", "before", "after", "difference") { Note = "± standard error over images" };
        foreach ((LikelihoodRow was, LikelihoodRow became, LikelihoodRow difference) in change.Before.Rows.Zip(change.After.Rows, change.Differences))
            table.WithRow(was.Name, Value(was), Value(became), Value(difference));

        HtmlReport report = HtmlReport.Create("LlamaGen B, aligned")
            .WithTable(table)
            .WithImages("Samples", [new ImageRow("before", imagesBefore), new ImageRow("after", imagesAfter)])
            .WithCurve("Likelihood by position", "token", "nats", Curve.Of("clean", change.After.Exposure.Clean.ByPosition), Curve.Of("noisy", change.After.Exposure.Noisy.ByPosition))
            .WithOptions(new AlignmentOptions { GroupSize = 8 })
            .WithEnvironment();
        if (steps.Count > 0)
            report.WithSteps(steps); // what trainer.RunAsync yielded
        report.Save(path);

        static ReportValue Value(LikelihoodRow row) => new(row.Value.Mean, row.Value.StandardError);
        #endregion
    }

    private static async Task Log(string folder, AlignmentTrainer trainer, Tensor samples)
    {
        #region reports-tensorboard
        using TensorBoardWriter writer = TensorBoardWriter.Create(folder);
        await foreach (AlignmentStep step in trainer.RunAsync())
            writer.Add(step);
        writer.AddImages("samples", samples, step: 0);
        #endregion
    }
}
