using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace VaPi.Alignment.Optimisation;

/// <summary>Parameters that are updated alike, with what is kept of all of them in a few flat tensors, which it owns.</summary>
internal sealed class ParameterGroup : IDisposable
{
    private readonly Tensor _first;
    private readonly Tensor? _master;
    private readonly Tensor _second;

    /// <param name="parameters">Of one type and on one device; at least one.</param>
    /// <param name="decays">Whether weight decay applies to them.</param>
    public ParameterGroup(IReadOnlyList<(string Name, Parameter Parameter)> parameters, bool decays)
    {
        Decays = decays;
        using DisposeScope scope = NewDisposeScope();
        Parameter any = parameters[0].Parameter;
        long total = parameters.Sum(entry => entry.Parameter.numel());

        // Updates are mostly smaller than one step of 16 bits, which rounding to them would lose.
        bool isRounded = any.dtype is ScalarType.BFloat16 or ScalarType.Float16;
        ScalarType type = isRounded ? ScalarType.Float32 : any.dtype;
        Tensor Flat() => zeros(total, type, any.device).DetachFromDisposeScope();
        (_first, _second, _master) = (Flat(), Flat(), isRounded ? Flat() : null);
        var members = new List<OptimisedParameter>();
        long start = 0;
        foreach ((string name, Parameter parameter) in parameters)
        {
            Tensor Own(Tensor flat) => flat.narrow(0, start, parameter.numel()).view(parameter.shape).DetachFromDisposeScope();
            Tensor? master = _master is null ? null : Own(_master).copy_(parameter);
            members.Add(new OptimisedParameter(name, parameter, Own(_first), Own(_second), master));
            start += parameter.numel();
        }

        Members = members;
    }

    public bool Decays { get; }

    /// <summary>The parameters, in the order given.</summary>
    public IReadOnlyList<OptimisedParameter> Members { get; }

    public void Dispose()
    {
        foreach (OptimisedParameter member in Members)
            member.Dispose();
        _first.Dispose();
        _second.Dispose();
        _master?.Dispose();
    }
}
