using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using VaPi.Alignment;
using VaPi.Extensions.DependencyInjection;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds VaPi to a container.</summary>
public static class VaPiServiceCollectionExtensions
{
    /// <summary>
    /// Registers an <see cref="IAlignmentTrainerFactory"/> and <see cref="AlignmentOptions"/>, which are validated when a host starts, or
    /// when they are first used. May be called more than once; all calls are about the same options and parts.
    /// </summary>
    /// <returns>Takes the tokenizer, policy, reward and images.</returns>
    public static VaPiBuilder AddVaPi(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<AlignmentOptions>, AlignmentOptionsValidator>());
        services.TryAddSingleton<IAlignmentTrainerFactory, AlignmentTrainerFactory>();
        services.AddOptions<AlignmentOptions>().ValidateOnStart();
        return new VaPiBuilder(services);
    }

    /// <summary>As <see cref="AddVaPi(IServiceCollection)"/>, with the options of <see cref="VaPiBuilder.Configure(IConfiguration)"/>.</summary>
    public static VaPiBuilder AddVaPi(this IServiceCollection services, IConfiguration configuration) => services.AddVaPi().Configure(configuration);

    /// <summary>As <see cref="AddVaPi(IServiceCollection)"/>, with the options of <see cref="VaPiBuilder.Configure(Action{AlignmentOptions})"/>.</summary>
    public static VaPiBuilder AddVaPi(this IServiceCollection services, Action<AlignmentOptions> configure) => services.AddVaPi().Configure(configure);
}
