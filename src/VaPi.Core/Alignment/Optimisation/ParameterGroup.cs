using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace VaPi.Alignment.Optimisation;

/// <summary>Parameters that are updated alike, with all their moments in two flat tensors. Owns the moments.</summary>
internal sealed class ParameterGroup : IDisposable
{
    private readonly Tensor _first;
    private readonly Tensor _second;

    /// <param name="parameters">Of one type and on one device; at least one.</param>
    /// <param name="decays">Whether weight decay applies to them.</param>
    public ParameterGroup(IReadOnlyList<(string Name, Parameter Parameter)> parameters, bool decays)
    {
        Decays = decays;
        using DisposeScope scope = NewDisposeScope();
        Parameter any = parameters[0].Parameter;
        long total = parameters.Sum(entry => entry.Parameter.numel());
        _first = zeros(total, any.dtype, any.device).DetachFromDisposeScope();
        _second = zeros(total, any.dtype, any.device).DetachFromDisposeScope();
        var members = new List<OptimisedParameter>();
        long start = 0;
        foreach ((string name, Parameter parameter) in parameters)
        {
            Tensor Own(Tensor flat) => flat.narrow(0, start, parameter.numel()).view(parameter.shape).DetachFromDisposeScope();
            members.Add(new OptimisedParameter(name, parameter, Own(_first), Own(_second)));
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
    }
}
