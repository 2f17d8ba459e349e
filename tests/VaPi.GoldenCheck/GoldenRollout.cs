using static TorchSharp.torch;

namespace VaPi.GoldenCheck;

/// <summary>One stored rollout: nothing random is left to draw.</summary>
internal sealed class GoldenRollout
{
    private readonly int _index;
    private readonly IReadOnlyDictionary<string, Tensor> _tensors;

    private GoldenRollout(IReadOnlyDictionary<string, Tensor> tensors, int index)
    {
        _tensors = tensors;
        _index = index;
    }

    public Tensor this[string name] => _tensors[$"rollout{_index}.{name}"];

    /// <summary>The parameters that the published code had after this rollout, by name.</summary>
    public IEnumerable<(string Name, Tensor Value)> ParametersAfter => WithPrefix($"params_after_rollout{_index}.");

    /// <summary>The published gradients of the rollout's first update, by name.</summary>
    public IEnumerable<(string Name, Tensor Value)> Gradients => WithPrefix($"rollout{_index}.grads.");

    public static GoldenRollout Read(GoldenFolder golden, int index) => new(golden.Tensors("alignment_steps.safetensors"), index);

    public static int Count(GoldenFolder golden) =>
        Enumerable.Range(0, int.MaxValue).First(index => !golden.Tensors("alignment_steps.safetensors").ContainsKey($"rollout{index}.images"));

    public Condition Condition() => new ClassCondition(this["labels"].cpu().data<long>().ToArray()).To(this["images"].device);

    /// <summary>(B, T): the noisy prefix; the last token, which no position sees, is made up.</summary>
    public Tensor Context()
    {
        Tensor prefix = this["context"];
        return cat([prefix, zeros([prefix.shape[0], 1], ScalarType.Int64, prefix.device)], 1);
    }

    private IEnumerable<(string Name, Tensor Value)> WithPrefix(string prefix) =>
        _tensors.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(entry => (entry.Key[prefix.Length..], entry.Value));
}
