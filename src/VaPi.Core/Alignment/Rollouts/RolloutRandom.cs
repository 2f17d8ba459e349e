using static TorchSharp.torch;

namespace VaPi.Alignment.Rollouts;

/// <summary>The random numbers of rollouts: one seeded generator for the noise and one for the samples, part of the trainer's state.</summary>
public sealed class RolloutRandom : IDisposable
{
    // Each generator has its own stream, also where all follow one seed.
    private const long NoiseSalt = 0x6E6F697365;
    private const long SamplingSalt = 0x73616D706C65;

    private readonly Generator _noise;
    private readonly Generator _sampling;

    private RolloutRandom(long noiseSeed, long samplingSeed)
    {
        _noise = new Generator(unchecked((ulong)noiseSeed), CPU);
        _sampling = new Generator(unchecked((ulong)samplingSeed), CPU);
    }

    internal static RolloutRandom Of(AlignmentOptions options) =>
        new(options.NoiseSeed ?? unchecked(options.Seed + NoiseSalt), options.SamplingSeed ?? unchecked(options.Seed + SamplingSalt));

    internal Tensor NoiseState
    {
        get => _noise.get_state();
        set => _noise.set_state(value);
    }

    internal Tensor SamplingState
    {
        get => _sampling.get_state();
        set => _sampling.set_state(value);
    }

    // Drawn on the CPU and moved, so that a seed means the same on every device.

    /// <summary>Uniform numbers in [0, 1) for contextual noise.</summary>
    /// <param name="device">Where they go.</param>
    /// <param name="shape">Their shape.</param>
    /// <returns>float32; belongs to the caller.</returns>
    public Tensor NoiseUniforms(Device device, params long[] shape) => Upload.Move(rand(shape, device: CPU, generator: _noise), device);

    /// <summary>Uniform tokens for contextual noise.</summary>
    /// <param name="vocabulary">V.</param>
    /// <param name="device">Where they go.</param>
    /// <param name="shape">Their shape.</param>
    /// <returns>int64 in 0 … V-1; belongs to the caller.</returns>
    public Tensor NoiseTokens(int vocabulary, Device device, params long[] shape) =>
        Upload.Move(randint(vocabulary, shape, ScalarType.Int64, CPU, generator: _noise), device);

    /// <summary>Uniform numbers in [0, 1) for drawing tokens.</summary>
    /// <param name="device">Where they go.</param>
    /// <param name="shape">Their shape.</param>
    /// <returns>float32; belongs to the caller.</returns>
    public Tensor SamplingUniforms(Device device, params long[] shape) => Upload.Move(rand(shape, device: CPU, generator: _sampling), device);

    /// <summary>Gumbel noise, -log(-log u) of uniform numbers u, for drawing tokens as the largest sum of logit and noise.</summary>
    /// <param name="device">Where it goes.</param>
    /// <param name="shape">Its shape.</param>
    /// <returns>float32; belongs to the caller.</returns>
    public Tensor SamplingGumbels(Device device, params long[] shape)
    {
        // In place: there is one number for every token of the vocabulary. The smallest normal number stands for 0.
        Tensor uniforms = SamplingUniforms(device, shape);
        return uniforms.clamp_(min: 1.17549435e-38f).log_().neg_().log_().neg_();
    }

    /// <summary>A seed for a generator of tokens that makes its own random numbers.</summary>
    /// <returns>0 … 2^63-1.</returns>
    public ulong SamplingSeed()
    {
        using Tensor drawn = randint(long.MaxValue, [1], ScalarType.Int64, CPU, generator: _sampling);
        return (ulong)drawn.item<long>();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _noise.Dispose();
        _sampling.Dispose();
    }
}
