using System.Globalization;
using TorchSharp;
using VaPi.Alignment;
using VaPi.Alignment.Metrics;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Toys;

/// <summary>Comparisons of tensors, parameters and step records.</summary>
internal static class Expect
{
    /// <summary>The largest difference is at most this share of the largest expected magnitude.</summary>
    public static void Close(Tensor expected, Tensor actual, double tolerance, string what = "tensor")
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.Equal(expected.shape, actual.shape);
        Tensor wide = expected.detach().to(ScalarType.Float64);
        double difference = (wide - actual.detach().to(ScalarType.Float64)).abs().max().item<double>();
        double size = wide.abs().max().item<double>();
        Assert.True(difference <= tolerance * size, $"{what}: differs by {difference:E2} where the largest magnitude is {size:E2}");
    }

    public static void Identical(Tensor expected, Tensor actual, string what = "tensor")
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.Equal(expected.shape, actual.shape);
        Assert.True(expected.eq(actual).all().item<bool>(), $"{what} differs");
    }

    public static void SameParameters(ToyPolicy expected, ToyPolicy actual, double tolerance = 0)
    {
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in expected.NamedParameters())
        {
            if (tolerance == 0)
                Identical(parameter, actual[name], name);
            else
                Close(parameter, actual[name], tolerance, name);
        }
    }

    /// <summary>The largest change of any parameter.</summary>
    public static double Change(ToyPolicy before, ToyPolicy after)
    {
        using DisposeScope scope = NewDisposeScope();
        return before.NamedParameters().Max(named => (named.Parameter - after[named.Name]).abs().max().to(ScalarType.Float64).item<double>());
    }

    /// <summary>Everything in a step record but times, to the last bit.</summary>
    public static string Digest(AlignmentStep step)
    {
        string Text(double? number) => number?.ToString("R", CultureInfo.InvariantCulture) ?? "none";
        IEnumerable<string> OfMinibatch(MinibatchMetrics metrics) =>
        [
            Text(metrics.Loss), Text(metrics.PolicyLoss), Text(metrics.MeanRatio), Text(metrics.ClippedFraction),
            .. metrics.Regularisers.Select(term => $"{term.Key} {Text(term.Value)}"),
        ];
        return string.Join(
            ' ',
            [
                $"{step.Index}:", Text(step.Reward.Mean), Text(step.Reward.Deviation), Text(step.Reward.GroupDeviation), Text(step.Entropy),
                Text(step.ContextNoise), Text(step.LearningRate), .. step.GradientNorms.Select(norm => Text(norm)), .. step.Minibatches.SelectMany(OfMinibatch),
            ]);
    }

    public static List<string> Digests(AlignmentTrainer trainer, int steps) =>
        [.. Enumerable.Range(0, steps).Select(_ => Digest(trainer.Step()))];
}
