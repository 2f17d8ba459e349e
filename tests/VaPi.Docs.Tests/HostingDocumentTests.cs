using Documents;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using VaPi.Alignment;
using VaPi.Docs.Tests.Support;
using Xunit;

namespace VaPi.Docs.Tests;

/// <summary>What docs/dependency-injection.md shows does what it says.</summary>
public class HostingDocumentTests
{
    [Fact]
    public void The_options_shown_are_read()
    {
        AlignmentOptions options = Options((services, configuration) => services.AddVaPi(configuration.GetSection("VaPi")));

        Assert.Equal((100, 8, AlignmentMode.Evaluation, double.PositiveInfinity), (options.Rollouts, options.GroupSize, options.Mode, options.MaximumGradientNorm));
        Assert.Equal((0.0, 1e-6), options.LearningRate.Range);
        Assert.Equal(0.5, options.ContextNoise.At(3));
    }

    [Fact]
    public void Steering_comes_on_top_of_what_was_read()
    {
        AlignmentOptions options = Options(Hosting.Steer);

        Assert.Equal(1e-6, options.LearningRate.At(0));
        Assert.Equal(1e-6, options.LearningRate.Range.Highest, 1e-18);
        Assert.NotEqual(Options((services, configuration) => services.AddVaPi(configuration.GetSection("VaPi"))).LearningRate.GetType(), options.LearningRate.GetType());
    }

    [Fact]
    public void Runs_have_their_own()
    {
        Assert.Equal(10, Options(Hosting.AddRuns, "short").Rollouts);
        Assert.Equal(new AlignmentOptions().Rollouts, Options(Hosting.AddRuns, "gentle").Rollouts); // its section is empty here
    }

    private static AlignmentOptions Options(Action<IServiceCollection, IConfiguration> register, string name = "")
    {
        string json = string.Join('\n', Document.Read("docs/dependency-injection.md").Blocks.Single(block => block.Language == "json").Lines);
        using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(json));
        var services = new ServiceCollection();
        register(services, new ConfigurationBuilder().AddJsonStream(stream).Build());
        using ServiceProvider provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptionsMonitor<AlignmentOptions>>().Get(name);
    }
}
