using System.Text.RegularExpressions;
using Documents;
using TorchSharp;
using VaPi.Alignment;
using VaPi.Alignment.Rollouts;
using VaPi.Data;
using VaPi.Docs.Tests.Support;
using VaPi.Generation;
using VaPi.Tests;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Docs.Tests;

/// <summary>The tokenizer and the policy of docs/own-models.md keep their contracts, are aligned, and generate.</summary>
[Collection(AloneCollection.Name)]
public sealed partial class OwnModelsDocumentTests : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly Tensor _pictures;
    private readonly PatchTokenizer _tokenizer;
    private readonly SmallTransformer _policy;

    public OwnModelsDocumentTests()
    {
        // Three kinds of 8x8 pictures: bands that run across, down and both, each shifted and tinted in its own way.
        using var generator = new Generator(3, CPU);
        Tensor ramp = linspace(-1, 1, 8);
        Tensor[] kinds = [ramp.view(8, 1).expand(8, 8), ramp.view(1, 8).expand(8, 8), (ramp.view(8, 1) + ramp.view(1, 8)) / 2];
        Tensor tints = rand([24, 3, 1, 1], generator: generator) * 0.8 + 0.2;
        _pictures = stack([.. Enumerable.Range(0, 24).Select(index => kinds[index % 3])]).unsqueeze(1) * tints; // (24, 3, 8, 8)
        _tokenizer = new PatchTokenizer(_pictures, grid: 4, entries: 48);
        random.manual_seed(1);
        _policy = new SmallTransformer(_tokenizer.CodebookSize, _tokenizer.Layout.TokenCount, classes: 3);
    }

    public void Dispose()
    {
        _policy.Dispose();
        _tokenizer.Dispose();
        _scope.Dispose();
    }

    [Fact]
    public void They_keep_their_contracts_and_the_page_shows_the_reports()
    {
        string report = OwnModels.Check(_tokenizer, _policy, _pictures);

        string[] shown = Document.Read("docs/own-models.md").Blocks.Single(block => block.Lines[0].StartsWith("PatchTokenizer: ", StringComparison.Ordinal)).Lines;
        Assert.Equal(shown.Select(WithoutNumbers), report.Split('\n').Select(WithoutNumbers));
        Assert.Contains("SmallTransformer: keeps its contract", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Aligning_them_raises_the_reward()
    {
        using var condition = new ClassCondition(Enumerable.Range(0, 24).Select(index => index % 3L));
        using TensorImageSource images = ImageSource.FromTensors(_pictures, condition);

        (double before, double after) = await OwnModels.Align(_tokenizer, _policy, images);

        Assert.True(after > before * 0.9, $"{before} before, {after} after");
        using var labels = new ClassCondition([0, 1, 2]);
        Assert.Equal([3, 3, 8, 8], _tokenizer.Decode(_policy.Generate(labels, new GenerationOptions { Seed = 1 })).shape);
    }

    [Fact]
    public void They_train_with_a_reference_and_with_samples_of_their_own()
    {
        using var condition = new ClassCondition(Enumerable.Range(0, 24).Select(index => index % 3L));
        using TensorImageSource images = ImageSource.FromTensors(_pictures, condition);
        using AlignmentTrainer trainer = AlignmentTrainer.CreateBuilder()
            .WithTokenizer(_tokenizer)
            .WithPolicy(_policy)
            .WithReward(new ContrastReward())
            .WithImages(images)
            .WithRollouts(new FreeRunning())
            .Configure(options => (options.ImagesPerRollout, options.GroupSize, options.KlWeight, options.LearningRate) = (3, 4, 0.01, 1e-3))
            .Build();

        trainer.Step();

        Assert.True(trainer.Step().KlDivergence > 0);
    }

    private static string WithoutNumbers(string line) => Fraction().Replace(line, "#"); // last digits are the processor's

    [GeneratedRegex(@"\d+\.\d+(E-\d+)?")]
    private static partial Regex Fraction();
}
