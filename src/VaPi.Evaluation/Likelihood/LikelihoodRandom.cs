using static TorchSharp.torch;

namespace VaPi.Evaluation.Likelihood;

/// <summary>A generator for each random choice, on the CPU whatever the device, so that one cannot shift another.</summary>
internal sealed class LikelihoodRandom(long seed) : IDisposable
{
    private readonly Generator _noise = new(unchecked((ulong)seed * 4), CPU);
    private readonly Generator _replacements = new(unchecked((ulong)seed * 4 + 1), CPU);
    private readonly Generator _prefix = new(unchecked((ulong)seed * 4 + 2), CPU);
    private readonly Generator _samples = new(unchecked((ulong)seed * 4 + 3), CPU);

    /// <summary>Decide where the noise goes.</summary>
    public Tensor NoiseUniforms(long[] shape, Device device) => Uniforms(shape, device, _noise);

    /// <summary>Tokens that the noise puts in.</summary>
    public Tensor NoiseTokens(int vocabulary, long[] shape, Device device) =>
        randint(vocabulary, shape, ScalarType.Int64, CPU, generator: _replacements).to(device);

    /// <summary>Decide the prefixes of the policy's own samples.</summary>
    public Tensor PrefixUniforms(long[] shape, Device device) => Uniforms(shape, device, _prefix);

    /// <summary>Decide the samples of the posterior.</summary>
    public Tensor SampleUniforms(long[] shape, Device device) => Uniforms(shape, device, _samples);

    public void Dispose()
    {
        _noise.Dispose();
        _replacements.Dispose();
        _prefix.Dispose();
        _samples.Dispose();
    }

    private static Tensor Uniforms(long[] shape, Device device, Generator generator) =>
        rand(shape, ScalarType.Float32, CPU, generator: generator).to(device);
}
