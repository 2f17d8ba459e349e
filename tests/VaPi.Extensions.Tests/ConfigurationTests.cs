using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using VaPi.Alignment;
using Xunit;

namespace VaPi.Extensions.Tests;

/// <summary>Options from configuration: each of them, and what is wrong with them, found when a host starts.</summary>
public class ConfigurationTests
{
    public static TheoryData<string> OptionNames => [.. typeof(AlignmentOptions).GetProperties().Select(property => property.Name)];

    [Theory]
    [MemberData(nameof(OptionNames))]
    public void Every_option_can_be_set(string name)
    {
        PropertyInfo property = typeof(AlignmentOptions).GetProperty(name)!;
        Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        object before = property.GetValue(new AlignmentOptions()) ?? "not set";
        (string text, object expected) = type.IsEnum
            ? Enum.GetValues(type).Cast<object>().Where(value => !value.Equals(before)).Select(value => (value.ToString()!, value)).First()
            : type == typeof(bool) ? ("true", true)
            : type == typeof(int) ? (property.PropertyType == type ? ("7", 7) : ("1", 1)) // what may be left out divides something else
            : type == typeof(long) ? ("9000000000", 9000000000L)
            : type == typeof(double) ? ("0.125", 0.125)
            : ("linear 0.25 to 0.5 over 10", (object)(0.25, 0.5));

        object? found = property.GetValue(Bound((name, text)));

        Assert.NotEqual(expected, before);
        Assert.Equal(expected, found is Schedule schedule ? schedule.Range : found);
    }

    [Fact]
    public void What_is_not_set_keeps_its_default()
    {
        AlignmentOptions options = Bound(("GroupSize", "4"));

        Assert.Equal(4, options.GroupSize);
        Assert.Equal(new AlignmentOptions().Beta2, options.Beta2);
        Assert.Equal(0.5, options.ContextNoise.At(7));
    }

    [Theory]
    [InlineData("1e-4", 1e-4, 1e-4, 1e-4)]
    [InlineData("linear 0.5 to 0.1 over 4", 0.5, 0.3, 0.1)]
    [InlineData("Cosine 1 TO 0 over 4", 1, 0.5, 0)]
    public void Schedules_are_read(string text, double first, double third, double last)
    {
        Schedule schedule = Bound(("LearningRate", text)).LearningRate;

        Assert.Equal(first, schedule.At(0), 1e-12);
        Assert.Equal(third, schedule.At(2), 1e-12);
        Assert.Equal(last, schedule.At(4), 1e-12);
        Assert.Equal(last, schedule.At(99), 1e-12);
    }

    [Fact]
    public void Numbers_are_read_alike_in_every_culture()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = { NumberDecimalSeparator = ",", NumberGroupSeparator = "." } };
            AlignmentOptions options = Bound(("Temperature", "0.5"), ("LearningRate", "1.5e-4"), ("MaximumGradientNorm", "Infinity"));

            Assert.Equal((0.5, 1.5e-4, double.PositiveInfinity), (options.Temperature, options.LearningRate.At(0), options.MaximumGradientNorm));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Theory]
    [InlineData("LearningRate", "cosine 1 to 0", "'cosine 1 to 0' is no schedule; allowed: a number such as '1e-6', or 'linear 1e-6 to 0 over 100'")]
    [InlineData("ContextNoise", "linear 1 to 0 over 0", "'linear 1 to 0 over 0' is no schedule")]
    [InlineData("ContextNoise", "sine 1 to 0 over 5", "'sine 1 to 0 over 5' is no schedule")]
    [InlineData("GrupSize", "4", "'GrupSize'")]
    [InlineData("LearningRate:From", "1", "'From'")]
    [InlineData("GroupSize", "many", "'many' at 'VaPi:GroupSize'")]
    [InlineData("GroupSize", "0", "GroupSize is 0; allowed: 1 or more")]
    [InlineData("LearningRate", "linear 1 to -1 over 5", "LearningRate is -1 to 1; allowed: 0 or above")]
    public async Task What_is_wrong_is_found_when_the_host_starts(string key, string value, string expected)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddVaPi(Section((key, value)));
        using IHost host = builder.Build();

        Exception? error = await Record.ExceptionAsync(() => host.StartAsync());

        Assert.Contains(expected, Messages(error), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Runs_are_validated_too()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddVaPi().AddRun("wild", options => options.Temperature = -1);
        using IHost host = builder.Build();

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.Contains("Temperature is -1", error.Message, StringComparison.Ordinal);
    }

    private static string Messages(Exception? error) => error is null ? "" : $"{error.Message} {Messages(error.InnerException)}";

    private static AlignmentOptions Bound(params (string Key, string Value)[] values)
    {
        var services = new ServiceCollection();
        services.AddVaPi(Section(values));
        using ServiceProvider provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptionsMonitor<AlignmentOptions>>().CurrentValue;
    }

    private static IConfigurationSection Section(params (string Key, string Value)[] values) => new ConfigurationBuilder()
        .AddInMemoryCollection(values.Select(pair => KeyValuePair.Create($"VaPi:{pair.Key}", (string?)pair.Value)))
        .Build()
        .GetSection("VaPi");
}
