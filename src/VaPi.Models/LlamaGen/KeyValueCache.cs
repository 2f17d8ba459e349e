using static TorchSharp.torch;

namespace VaPi.Models.LlamaGen;

/// <summary>The keys and values of one block, written position by position while generating.</summary>
internal sealed class KeyValueCache : IDisposable
{
    private readonly Tensor _keys;
    private readonly Tensor _values;

    public KeyValueCache(long batch, int heads, long capacity, int headWidth, ScalarType type, Device device)
    {
        _keys = empty([batch, heads, capacity, headWidth], type, device).DetachFromDisposeScope();
        _values = empty([batch, heads, capacity, headWidth], type, device).DetachFromDisposeScope();
    }

    /// <summary>The positions written so far.</summary>
    public long Length { get; private set; }

    /// <param name="key">(B, heads, S, head): the next S positions.</param>
    /// <param name="value">(B, heads, S, head).</param>
    /// <returns>Views of all keys and values so far, (B, heads, length, head).</returns>
    public (Tensor Keys, Tensor Values) Append(Tensor key, Tensor value)
    {
        long added = key.shape[2];
        _keys.narrow(2, Length, added).copy_(key);
        _values.narrow(2, Length, added).copy_(value);
        Length += added;
        return (_keys.narrow(2, 0, Length), _values.narrow(2, 0, Length));
    }

    public void Dispose()
    {
        _keys.Dispose();
        _values.Dispose();
    }
}
