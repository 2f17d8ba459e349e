using TorchSharp;
using TorchSharp.Modules;
using VaPi.Models.Weights;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VaPi.Models.LlamaGen;

/// <summary>
/// A caption's features through two linear layers with a GELU (its tanh form) between them. Places that the caption does not
/// fill are hidden from all positions but themselves.
/// </summary>
internal sealed class CaptionEmbedding(LlamaGenConfiguration configuration, ModelWeights weights) : IConditionEmbedding
{
    private const string First = "cls_embedding.cap_proj.fc1.weight";
    private const string Second = "cls_embedding.cap_proj.fc2.weight";
    private const string NoCaption = "cls_embedding.uncond_embedding";

    public static IEnumerable<ParameterShape> Shapes(LlamaGenConfiguration configuration)
    {
        (long places, long features, long width) = (configuration.CaptionPlaces, configuration.CaptionWidth, configuration.Width);
        return
        [
            new(NoCaption, [places, features], InitialValue.Normal, 1 / Math.Sqrt(features), IsTrained: false),
            new(First, [width, features], InitialValue.Normal, 0.02),
            new(Second, [width, width], InitialValue.Normal, 0.02),
        ];
    }

    public Tensor Embed(Condition condition, PolicyMode mode)
    {
        CaptionCondition captions = Fitting(condition);
        Tensor none = weights[NoCaption];
        Tensor features = captions.Features.to(none.dtype, none.device); // (B, C, W)
        Tensor? dropped = Dropped(captions, mode, none.device); // (B, 1, 1)
        if (dropped is not null)
            features = where(dropped, none, features);
        return F.linear(F.linear(features, weights[First]).gelu(GELU.Approximate.tanh), weights[Second]);
    }

    public Tensor? Mask(Condition condition, long firstQuery, long length)
    {
        CaptionCondition captions = Fitting(condition);
        using DisposeScope scope = NewDisposeScope();
        Device device = weights[NoCaption].device;
        long places = Math.Min(configuration.CaptionPlaces, length);
        Tensor filled = captions.Mask.to(device).narrow(1, 0, places); // (B, C)
        Tensor keys = length == places ? filled : cat([filled, ones([captions.Count, length - places], ScalarType.Bool, device)], dim: 1); // (B, length)
        Tensor queryPlace = arange(firstQuery, length, device: device).unsqueeze(1); // (S, 1)
        Tensor keyPlace = arange(length, device: device).unsqueeze(0); // (1, length)
        Tensor seen = keys.view(captions.Count, 1, 1, length).logical_and(keyPlace <= queryPlace).logical_or(keyPlace == queryPlace);
        return seen.MoveToOuterDisposeScope();
    }

    private Tensor? Dropped(CaptionCondition captions, PolicyMode mode, Device device)
    {
        Tensor? dropped = captions.Dropped.Contains(true)
            ? tensor(captions.Dropped.ToArray(), [captions.Count, 1, 1], device: device)
            : null;
        if (mode != PolicyMode.Training || configuration.ClassDropout <= 0)
            return dropped;
        Tensor atRandom = rand(captions.Count, 1, 1, device: device) < configuration.ClassDropout;
        return dropped is null ? atRandom : dropped.logical_or(atRandom);
    }

    private CaptionCondition Fitting(Condition condition)
    {
        if (condition is not CaptionCondition captions)
            throw new ArgumentException($"This policy is conditioned on captions (CaptionCondition), not on a {condition.GetType().Name}.", nameof(condition));
        return captions.Places == configuration.CaptionPlaces && captions.Width == configuration.CaptionWidth
            ? captions
            : throw new ArgumentException(
                $"The captions have {captions.Places} places with {captions.Width} features, but this policy takes {configuration.CaptionPlaces} places with {configuration.CaptionWidth} features.", nameof(condition));
    }
}
