using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Alignment.State;

/// <summary>
/// TorchSharp's dropout takes no generator, so the global one is lent to a step with the trainer's own state, and given back
/// as it was: a run does not depend on what else uses random numbers, nor disturb it. A GPU draws dropout with a generator of its
/// own, whose state TorchSharp cannot read; that is seeded anew at every loan, by a number from the lent one, and not given back.
/// </summary>
internal sealed class DropoutRandom : IDisposable
{
    private readonly Action<long>? _seedDevice;
    private Tensor _state;

    /// <param name="seed">Decides all that is drawn.</param>
    /// <param name="seedDevice">Seeds the generators of the devices that draw with their own; null where there are none.</param>
    public DropoutRandom(long seed, Action<long>? seedDevice = null)
    {
        _seedDevice = seedDevice;
        using var generator = new Generator(unchecked((ulong)seed), CPU);
        _state = generator.get_state().DetachFromDisposeScope();
    }

    /// <summary>A copy belongs to the caller; what is set is copied.</summary>
    public Tensor State
    {
        get => _state.clone();
        set
        {
            Tensor copy = value.clone().DetachFromDisposeScope();
            _state.Dispose();
            _state = copy;
        }
    }

    /// <summary>Lends the global generator until the result is disposed.</summary>
    public IDisposable Lend() => new Loan(this);

    /// <summary>What seeds the generators of a device; null where dropout is drawn with the global one.</summary>
    public static Action<long>? SeederOf(Device device) => device.type == DeviceType.CUDA ? cuda.manual_seed_all : null;

    public void Dispose() => _state.Dispose();

    private sealed class Loan : IDisposable
    {
        private readonly DropoutRandom _owner;
        private readonly Tensor _users;

        public Loan(DropoutRandom owner)
        {
            _owner = owner;
            _users = get_rng_state().DetachFromDisposeScope();
            set_rng_state(owner._state);
            if (owner._seedDevice is not { } seed)
                return;
            using Tensor drawn = randint(long.MaxValue, [1], ScalarType.Int64, CPU);
            seed(drawn.item<long>());
        }

        public void Dispose()
        {
            using DisposeScope scope = NewDisposeScope();
            _owner.State = get_rng_state();
            set_rng_state(_users);
            _users.Dispose();
        }
    }
}
