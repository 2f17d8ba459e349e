using VaPi.Models.Weights;
using static TorchSharp.torch;

namespace VaPi.Models.LlamaGen;

/// <summary>One row of a table for each class, and one more for "no class".</summary>
internal sealed class ClassEmbedding(LlamaGenConfiguration configuration, ModelWeights weights) : IConditionEmbedding
{
    private const string Table = "cls_embedding.embedding_table.weight";

    public static IEnumerable<ParameterShape> Shapes(LlamaGenConfiguration configuration) =>
        [new(Table, [configuration.Classes + 1, configuration.Width], InitialValue.Normal, 0.02)];

    public Tensor Embed(Condition condition, PolicyMode mode)
    {
        Tensor labels = Labels(condition).to(weights[Table].device);
        Tensor none = full_like(labels, configuration.Classes);
        Tensor rows = where(labels == ClassCondition.NoClass, none, labels);
        if (mode == PolicyMode.Training && configuration.ClassDropout > 0)
            rows = where(rand_like(labels, ScalarType.Float32) < configuration.ClassDropout, none, rows);
        return weights[Table].index_select(0, rows).unsqueeze(1); // (B, 1, D)
    }

    public Tensor? Mask(Condition condition, long firstQuery, long length) => null;

    // (B), int64. What has no condition is of no class.
    private Tensor Labels(Condition condition)
    {
        if (condition is NoCondition)
            return full([condition.Count], ClassCondition.NoClass, ScalarType.Int64);
        if (condition is not ClassCondition classes)
            throw new ArgumentException($"This policy is conditioned on class labels (ClassCondition) or on nothing (NoCondition), not on a {condition.GetType().Name}.", nameof(condition));
        return classes.LargestLabel < configuration.Classes
            ? classes.Labels
            : throw new ArgumentException(
                $"The condition has the label {classes.LargestLabel}, but this policy knows the classes 0 to {configuration.Classes - 1}, and {ClassCondition.NoClass} for no class. Give it images of at most {configuration.Classes} classes, or without classes.",
                nameof(condition));
    }
}
