using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Alignment.State;

/// <summary>
/// TorchSharp's dropout takes no generator, so the global one is lent to a step with the trainer's own state, and given back
/// as it was: a run does not depend on what else uses random numbers, nor disturb it.
/// </summary>
internal sealed class DropoutRandom : IDisposable
{
    private Tensor _state;

    public DropoutRandom(long seed)
    {
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
