using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using VaPi.Compute;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Devices;

/// <summary>
/// Every function of the compute layer, checked for the device of what it makes. Once on tensors of the device "meta", which have
/// shapes and no numbers: a function that makes a tensor on another device than its inputs', or reads a number back, fails there
/// as it would fail or wait on a GPU. And once on the CPU while "meta" is the default device, so that whatever is made without
/// naming a device fails. The default device is the process's, so nothing else may run.
/// </summary>
[Collection(AloneCollection.Name)]
public sealed class MetaDeviceTests : IDisposable
{
    private const long B = 2, G = 3, T = 4, V = 7, D = 5;

    /// <summary>Functions that libtorch cannot run to their end on "meta", and the operator that has no kernel there.</summary>
    private static readonly Dictionary<string, string> s_stops = new()
    {
        ["ContextualNoise.Apply"] = "aten::where.self",
        ["CosineDistance.Between"] = "aten::index_select",
        ["GroupLogProbabilities.Evaluate"] = "aten::abs.out", // of logsumexp
        ["GroupLogProbabilities.OfSamples"] = "aten::abs.out", // of logsumexp
        ["GroupSampling.Draw"] = "aten::searchsorted.Tensor",
        ["PatchDiscriminator.Logits"] = "convolution_overrideable",
        ["Reconstruction.AbsoluteMap"] = "aten::abs.out",
        ["Reconstruction.MeanAbsolute"] = "aten::abs.out",
        ["TokenDraw.ByInverse"] = "aten::searchsorted.Tensor",
        ["Vgg16.Features"] = "convolution_overrideable",
    };

    private static Device s_device = META;

    // By type and method; a function with overloads has its parameters' number behind its name.
    private static readonly Dictionary<string, Func<IEnumerable<Tensor?>>> s_cases = new()
    {
        ["ContextualNoise.Apply"] = () => [ContextualNoise.Apply(Tokens(B, T), 0.5, Numbers(B, T), Tokens(B, T))],
        ["CosineDistance.Directions"] = () => [CosineDistance.Directions(Numbers(B, T, D))],
        ["CosineDistance.Between"] = () => [CosineDistance.Between(Numbers(B, T * D), Numbers(V, D), Tokens(B * G, T))],
        ["GroupGradient.Backward"] = () =>
        [
            GroupGradient.Backward(Head(), Numbers(B, T, D), Tokens(B, G, T), Numbers(B, G, T), Tokens(B, T), Numbers(B, T), 1, null, chunkLength: 3),
            GroupGradient.Backward(Head(), Numbers(B, T, D), Tokens(B, G, T), Numbers(B, G, T), Tokens(B, T), Numbers(B, T), 0.5, Flags(B, T, V), chunkLength: 3),
            GroupGradient.Backward(
                Head(), Numbers(B, T, D), Tokens(B, G, T), Numbers(B, G, T), null, null, 0.5, null, chunkLength: 3, new RelaxedTokens(Numbers(B, G, T, D), Numbers(B, G, T, V), Numbers(V, D), 0.7)),
        ],
        ["GroupGradient.AtLogits"] = () =>
        [
            GroupGradient.AtLogits(Numbers(B, T, V), Tokens(B, G, T), Numbers(B, G, T), null, null, 1, null),
            GroupGradient.AtLogits(Numbers(B, T, V), Tokens(B, G, T), Numbers(B, G, T), Tokens(B, T), Numbers(B, T), 0.5, Flags(B, T, V)),
        ],
        ["GroupLogProbabilities.Evaluate"] = () =>
        [
            .. Both(GroupLogProbabilities.Evaluate(Head(), Numbers(B, T, D), Tokens(B, G, T), Tokens(B, T), 1, null, chunkLength: 3)),
            .. Both(GroupLogProbabilities.Evaluate(Head(), Numbers(B, T, D), Tokens(B, G, T), Tokens(B, T), 0.5, Flags(B, T, V), chunkLength: 3)),
        ],
        ["GroupLogProbabilities.OfSamples"] = () => Both(GroupLogProbabilities.OfSamples(Numbers(B, T, V), Tokens(B, G, T), 0.5, Flags(B, T, V))),
        ["GroupLogProbabilities.Scaled"] = () => [GroupLogProbabilities.Scaled(Numbers(B, T, V), 0.5, Flags(B, T, V))],
        ["GroupSampling.Draw"] = () =>
        [
            .. All(GroupSampling.Draw(Head(), Numbers(B, T, D), Numbers(B, T, G), Tokens(B, T), 1, topK: 0, topP: 1, chunkLength: 3)),
            .. All(GroupSampling.Draw(Head(), Numbers(B, T, D), Numbers(B, T, G), Tokens(B, T), 0.5, topK: 3, topP: 0.9, chunkLength: 3)),
        ],
        ["GroupSampling.DrawPerturbed"] = () => All(GroupSampling.DrawPerturbed(Head(), Numbers(B, T, D), Numbers(B, G, T, V), Tokens(B, T), 0.5, topK: 0, topP: 1, chunkLength: 3)),
        ["GroupSampling.OfGiven"] = () => All(GroupSampling.OfGiven(Head(), Numbers(B, T, D), Tokens(B, G, T), 0.5, topK: 3, topP: 0.9, chunkLength: 3)).OfType<Tensor>(), // no truth
        ["KullbackLeibler.K3"] = () => [KullbackLeibler.K3(Numbers(B, G, T), Numbers(B, G, T))],
        ["LocalCredit.Positions"] = () => [LocalCredit.Positions([Numbers(B, 8, 8), Numbers(B, 3, 5)], TokenLayout.Grid(2, 3), 1, 0.25)],
        ["LogitFilter.Support"] = () => [LogitFilter.Support(Numbers(B, T, V), topK: 3, topP: 0.9), LogitFilter.Support(Numbers(B, T, V), topK: 0, topP: 0.9)],
        ["PatchDiscriminator.Logits"] = () =>
            [PatchDiscriminator.Logits(Numbers(B, 3, 24, 24), [.. PatchDiscriminator.Layers.Select(layer => (Numbers(layer.To, layer.From, 4, 4), Numbers(layer.To)))])],
        ["PatchDiscriminator.Folded"] = () => Both(PatchDiscriminator.Folded(Numbers(D, V, 4, 4), Numbers(D), Numbers(D), Numbers(D), Numbers(D))),
        ["Perceptual.Normalise"] = () => [Perceptual.Normalise(Numbers(B, D, 4, 4))],
        ["Perceptual.Distance"] = () =>
        [
            Perceptual.Distance([Numbers(B, D, 4, 4)], [Numbers(B * G, D, 4, 4)], [Numbers(D)]),
            Perceptual.Distance([Numbers(B, D, 4, 4)], [Numbers(B * G, D, 4, 4)], null),
        ],
        ["Perceptual.DistanceMaps"] = () => Perceptual.DistanceMaps([Numbers(B, D, 4, 4)], [Numbers(B * G, D, 4, 4)], [Numbers(D)]),
        ["Reconstruction.MeanSquare"] = () => [Reconstruction.MeanSquare(Numbers(B, 3, 4, 4), Numbers(B * G, 3, 4, 4))],
        ["Reconstruction.MeanAbsolute"] = () => [Reconstruction.MeanAbsolute(Numbers(B, 3, 4, 4), Numbers(B * G, 3, 4, 4))],
        ["Reconstruction.SquareMap"] = () => [Reconstruction.SquareMap(Numbers(B, 3, 4, 4), Numbers(B * G, 3, 4, 4))],
        ["Reconstruction.AbsoluteMap"] = () => [Reconstruction.AbsoluteMap(Numbers(B, 3, 4, 4), Numbers(B * G, 3, 4, 4))],
        ["TokenDraw.ByInverse"] = () => [TokenDraw.ByInverse(Numbers(B, V), Numbers(B, G))],
        ["Vgg16.Features"] = () => Vgg16.Features(Numbers(B, 3, 16, 16), Convolutions()),
    };

    public static TheoryData<string> Functions => [.. Found().Select(NameOf)];

    public void Dispose()
    {
        s_device = META;
        set_default_device(CPU);
    }

    [Theory]
    [MemberData(nameof(Functions))]
    public void A_function_stays_on_the_device_of_its_inputs_and_reads_nothing_back(string function)
    {
        using DisposeScope scope = NewDisposeScope();
        s_device = META;
        if (s_stops.TryGetValue(function, out string? missing))
        {
            var error = Assert.ThrowsAny<ExternalException>(() => Run(function));
            Assert.StartsWith(missing + (missing.Contains(':', StringComparison.Ordinal) ? ": attempted to run this operator with Meta tensors" : " not implemented"), error.Message, StringComparison.Ordinal);
            return;
        }

        Assert.All(Run(function), result => Assert.Equal(DeviceType.META, Assert.IsType<Tensor>(result).device_type));
    }

    [Theory]
    [MemberData(nameof(Functions))]
    public void A_function_names_the_device_of_all_that_it_makes(string function)
    {
        using DisposeScope scope = NewDisposeScope();
        s_device = CPU;
        set_default_device(META);

        Assert.All(Run(function), result => Assert.Equal(DeviceType.CPU, Assert.IsType<Tensor>(result).device_type));
    }

    [Fact]
    public void Every_case_is_that_of_a_function() => Assert.Empty(s_cases.Keys.Except(Found().Select(NameOf)));

    [Fact]
    public void A_tensor_on_another_device_and_a_number_read_back_are_caught_by_such_a_case()
    {
        using DisposeScope scope = NewDisposeScope();

        Assert.ThrowsAny<Exception>(() => Numbers(B, T) * ones(T));
        Assert.ThrowsAny<Exception>(() => Numbers(V, D).index_select(0, zeros(B, ScalarType.Int64)));
        Assert.ThrowsAny<Exception>(() => Numbers(B).sum().item<float>());
        Assert.ThrowsAny<Exception>(() => Numbers(B).cpu());
    }

    [Fact]
    public void What_is_made_without_naming_a_device_is_caught_by_the_default_one()
    {
        using DisposeScope scope = NewDisposeScope();
        s_device = CPU;
        set_default_device(META);

        Assert.ThrowsAny<Exception>(() => Numbers(B, T) * ones(T));
        Assert.Equal(DeviceType.META, arange(3).device_type);
    }

    private static List<Tensor?> Run(string function)
    {
        Assert.True(
            s_cases.TryGetValue(function, out Func<IEnumerable<Tensor?>>? run),
            $"{function} has no case here. Add one to s_cases that calls it through each of its branches that makes or moves tensors.");
        List<Tensor?> results = [.. run()];
        Assert.NotEmpty(results);
        return results;
    }

    /// <summary>What takes or gives a tensor; the rest has no device.</summary>
    private static IEnumerable<MethodInfo> Found() =>
        typeof(GroupGradient).Assembly.GetTypes()
            .Where(type => type.Namespace == typeof(GroupGradient).Namespace && !type.IsDefined(typeof(CompilerGeneratedAttribute)))
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(method => !method.IsPrivate && !method.IsSpecialName && !method.IsDefined(typeof(CompilerGeneratedAttribute)))
            .Where(method => method.GetParameters().Any(parameter => Mentions(parameter.ParameterType)) || Mentions(method.ReturnType));

    private static bool Mentions(Type type) =>
        type == typeof(Tensor)
        || (type.HasElementType && Mentions(type.GetElementType()!))
        || type.GetGenericArguments().Any(Mentions);

    private static string NameOf(MethodInfo method)
    {
        string name = $"{method.DeclaringType!.Name}.{method.Name}";
        bool isOverloaded = Found().Count(other => other.DeclaringType == method.DeclaringType && other.Name == method.Name) > 1;
        return isOverloaded ? $"{name}/{method.GetParameters().Length}" : name;
    }

    private static Tensor Numbers(params long[] shape) => zeros(shape, ScalarType.Float32, s_device);

    private static Tensor Tokens(params long[] shape) => zeros(shape, ScalarType.Int64, s_device);

    private static Tensor Flags(params long[] shape) => zeros(shape, ScalarType.Bool, s_device);

    private static Func<Tensor, Tensor> Head()
    {
        Tensor weight = Numbers(D, V).requires_grad_();
        return features => features.matmul(weight);
    }

    private static IEnumerable<Tensor?> Both((Tensor?, Tensor?) pair) => [pair.Item1, pair.Item2];

    private static IEnumerable<Tensor?> All(GroupSample sample) =>
        [sample.Tokens, sample.LogProbabilities, sample.TruthLogProbabilities, sample.Entropy, .. sample.Support is null ? Array.Empty<Tensor>() : [sample.Support]];

    private static Dictionary<int, (Tensor Weight, Tensor Bias)> Convolutions()
    {
        var convolutions = new Dictionary<int, (Tensor Weight, Tensor Bias)>();
        long from = 3;
        foreach ((int[] stage, int to) in Vgg16.Stages.Zip(Vgg16.Channels))
        {
            foreach (int index in stage)
            {
                convolutions[index] = (Numbers(to, from, 3, 3), Numbers(to));
                from = to;
            }
        }

        return convolutions;
    }
}
