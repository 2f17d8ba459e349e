using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using VaPi.Alignment;

namespace VaPi.Extensions.DependencyInjection;

/// <summary>
/// Registers what trainers are made of. Every part is one for the whole program: made when it is first needed, shared by all trainers,
/// and disposed with the container, after the trainers, which are their callers'. What is given as an instance stays the caller's.
/// A part that is registered again replaces the earlier one.
/// </summary>
public sealed class VaPiBuilder
{
    internal VaPiBuilder(IServiceCollection services) => Services = services;

    /// <summary>Where it registers.</summary>
    public IServiceCollection Services { get; }

    /// <summary>The frozen tokenizer, made by the container.</summary>
    public VaPiBuilder WithTokenizer<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TTokenizer>()
        where TTokenizer : class, ITokenizer => Replace(ServiceDescriptor.Singleton<ITokenizer, TTokenizer>());

    /// <summary>The frozen tokenizer; stays the caller's.</summary>
    public VaPiBuilder WithTokenizer(ITokenizer tokenizer) => Replace(ServiceDescriptor.Singleton(tokenizer));

    /// <summary>The frozen tokenizer, made by a function; the container disposes it.</summary>
    public VaPiBuilder WithTokenizer(Func<IServiceProvider, ITokenizer> make) => Replace(ServiceDescriptor.Singleton(make));

    /// <summary>The policy to align, made by the container.</summary>
    public VaPiBuilder WithPolicy<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TPolicy>()
        where TPolicy : class, IAutoregressivePolicy => Replace(ServiceDescriptor.Singleton<IAutoregressivePolicy, TPolicy>());

    /// <summary>The policy to align; stays the caller's.</summary>
    public VaPiBuilder WithPolicy(IAutoregressivePolicy policy) => Replace(ServiceDescriptor.Singleton(policy));

    /// <summary>The policy to align, made by a function; the container disposes it.</summary>
    public VaPiBuilder WithPolicy(Func<IServiceProvider, IAutoregressivePolicy> make) => Replace(ServiceDescriptor.Singleton(make));

    /// <summary>What good samples are, made by the container.</summary>
    public VaPiBuilder WithReward<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TReward>()
        where TReward : class, IRewardFunction => Replace(ServiceDescriptor.Singleton<IRewardFunction, TReward>());

    /// <summary>What good samples are; stays the caller's.</summary>
    public VaPiBuilder WithReward(IRewardFunction reward) => Replace(ServiceDescriptor.Singleton(reward));

    /// <summary>What good samples are, made by a function; the container disposes it.</summary>
    public VaPiBuilder WithReward(Func<IServiceProvider, IRewardFunction> make) => Replace(ServiceDescriptor.Singleton(make));

    /// <summary>The images to align on, made by the container.</summary>
    public VaPiBuilder WithImages<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TImages>()
        where TImages : class, IImageSource => Replace(ServiceDescriptor.Singleton<IImageSource, TImages>());

    /// <summary>The images to align on; stay the caller's.</summary>
    public VaPiBuilder WithImages(IImageSource images) => Replace(ServiceDescriptor.Singleton(images));

    /// <summary>The images to align on, made by a function; the container disposes them.</summary>
    public VaPiBuilder WithImages(Func<IServiceProvider, IImageSource> make) => Replace(ServiceDescriptor.Singleton(make));

    /// <summary>Changes options; those of a later call come on top.</summary>
    public VaPiBuilder Configure(Action<AlignmentOptions> configure) => ConfigureNamed(Options.DefaultName, configure);

    /// <summary>
    /// Reads options from a section of the program's configuration, by their names: numbers, texts for enumerations, and for
    /// schedules what <see cref="Schedule.Parse"/> reads. A key that is no option is an error, and so is a text that is no value.
    /// </summary>
    public VaPiBuilder Configure(IConfiguration configuration) => BindNamed(Options.DefaultName, configuration);

    /// <summary>
    /// A further run with options of its own, which start from the defaults: <see cref="IAlignmentTrainerFactory.Create"/> makes its
    /// trainers when it is given the name. Validated when a host starts, as the others are.
    /// </summary>
    public VaPiBuilder AddRun(string name, Action<AlignmentOptions> configure) => Named(name).ConfigureNamed(name, configure);

    /// <summary>As <see cref="AddRun(string, Action{AlignmentOptions})"/>, with options as in <see cref="Configure(IConfiguration)"/>.</summary>
    public VaPiBuilder AddRun(string name, IConfiguration configuration) => Named(name).BindNamed(name, configuration);

    /// <summary>
    /// Everything else that a trainer can be built with, such as advantages, regularisers or early stopping. Called for every trainer,
    /// after the registered parts and options have been set; what it makes it owns.
    /// </summary>
    public VaPiBuilder ConfigureTrainer(Action<IServiceProvider, AlignmentTrainerBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Services.AddSingleton(new TrainerConfiguration(configure));
        return this;
    }

    private VaPiBuilder Replace(ServiceDescriptor part)
    {
        Services.Replace(part);
        return this;
    }

    private VaPiBuilder Named(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Services.AddSingleton(new RunName(name));
        return this;
    }

    private VaPiBuilder ConfigureNamed(string name, Action<AlignmentOptions> configure)
    {
        Services.AddOptions<AlignmentOptions>(name).Configure(configure).ValidateOnStart();
        return this;
    }

    private VaPiBuilder BindNamed(string name, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        Services.AddOptions<AlignmentOptions>(name).Bind(configuration, binder => binder.ErrorOnUnknownConfiguration = true).ValidateOnStart();
        return this;
    }
}
