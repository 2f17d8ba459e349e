using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Models.LlamaGen;

/// <summary>
/// Where the random numbers of dropout stood, so that the same can be drawn again. On the CPU that is the generator's state. Of
/// other devices TorchSharp does not tell it, so there the generator is started anew from a number drawn on the CPU.
/// </summary>
internal sealed class DropoutReplay
{
    private readonly long _seed;
    private readonly byte[]? _state;

    private DropoutReplay(byte[]? state, long seed)
    {
        _state = state;
        _seed = seed;
    }

    /// <summary>Remembers where the generator of the device stands; what is drawn next can be drawn again.</summary>
    public static DropoutReplay FromHere(Device device)
    {
        using DisposeScope scope = NewDisposeScope();
        if (device.type == DeviceType.CPU)
            return new DropoutReplay(get_rng_state().data<byte>().ToArray(), seed: 0);
        var replay = new DropoutReplay(state: null, randint(long.MaxValue, [1], ScalarType.Int64, CPU).item<long>());
        SeedDevices(replay._seed);
        return replay;
    }

    /// <summary>Goes back to there until the result is disposed.</summary>
    public IDisposable Again()
    {
        using DisposeScope scope = NewDisposeScope();
        if (_state is null)
        {
            SeedDevices(_seed);
            return new Return(null);
        }

        Tensor now = get_rng_state().DetachFromDisposeScope();
        set_rng_state(tensor(_state, ScalarType.Byte, CPU));
        return new Return(now);
    }

    // Of all GPUs: a thread's current one, which would be seeded otherwise, is the first in the forward pass wherever the tensors
    // are, and that of the tensors in the backward pass.
    private static void SeedDevices(long seed) => cuda.manual_seed_all(seed);

    private sealed class Return(Tensor? state) : IDisposable
    {
        public void Dispose()
        {
            if (state is null)
                return;
            set_rng_state(state);
            state.Dispose();
        }
    }
}
