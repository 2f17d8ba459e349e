using TorchSharp;
using VaPi.Evaluation;
using VaPi.Evaluation.Features;
using VaPi.Models.Tests.Support;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Models.Tests.Evaluation;

public sealed class TextImageScoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Scripted_encoders_of_images_and_of_tokens_are_compared_by_the_cosine()
    {
        using DisposeScope scope = NewDisposeScope();
        (string ofImages, string ofTexts) = (_folder.File("images.pt"), _folder.File("texts.pt"));
        ScriptedModule.Write(ofImages, "return torch.mean(x, [2, 3])"); // (N, 3)
        ScriptedModule.Write(ofTexts, "return torch.to(x, 6)"); // a caption of 3 tokens is its own embedding, as float32
        using TorchScriptNetwork images = TorchScriptNetwork.Load(ofImages);
        using TorchScriptNetwork texts = TorchScriptNetwork.Load(ofTexts);
        var score = new TextImageScore(images, texts);
        Assert.True(double.IsNaN(score.Value));
        Tensor colours = tensor(new float[] { 0.5f, 0, 0, 0.25f, 0.25f, 0, -1, 0, 0, 0, 0, 0 }, [4, 3, 1, 1]).expand(4, 3, 2, 2);
        Tensor captions = tensor(new long[] { 7, 0, 0, 3, 0, 0, 2, 0, 0, 1, 1, 1 }, [4, 3]);

        using Tensor cosines = score.Between(colours, captions);
        Assert.Equal(0, score.Count);
        score.Add(colours.narrow(0, 0, 1), captions.narrow(0, 0, 1));
        score.Add(colours.narrow(0, 1, 3), captions.narrow(0, 1, 3));

        double[] expected = [1, Math.Sqrt(0.5), -1, 0]; // the same direction, 45 degrees apart, opposite, and nothing
        Assert.All(expected.Zip(cosines.data<double>().ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
        Assert.Equal(4, score.Count);
        Assert.Equal((1 + Math.Sqrt(0.5)) / 4, score.Value, 1e-6); // below 0 counts as 0
    }

    [Fact]
    public void Embeddings_that_do_not_fit_are_refused()
    {
        using Tensor images = zeros(2, 3, 4, 4);
        using Tensor texts = ones(2, 5);
        using Tensor fewer = ones(1, 3);
        var means = new FeatureFunction("means", batch => batch.mean([2, 3]));
        var same = new FeatureFunction("texts", captions => captions);
        Assert.Contains("'texts' (2, 5)", Assert.Throws<ArgumentException>(() => new TextImageScore(means, same).Add(images, texts)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new TextImageScore(means, same).Add(images, fewer));
        var broken = new FeatureFunction("broken", captions => captions.narrow(1, 0, 3) * double.NaN);
        Assert.Contains("finite", Assert.Throws<ArgumentException>(() => new TextImageScore(means, broken).Add(images, texts)).Message, StringComparison.Ordinal);
    }
}
