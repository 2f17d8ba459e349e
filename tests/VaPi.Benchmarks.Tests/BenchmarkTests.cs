using System.Reflection;
using BenchmarkDotNet.Attributes;
using Xunit;

namespace VaPi.Benchmarks.Tests;

public class BenchmarkTests
{
    public static TheoryData<Type> Benchmarks =>
        [.. typeof(BenchmarkSettings).Assembly.GetTypes().Where(type => MethodsOf(type).Any())];

    [Theory]
    [MemberData(nameof(Benchmarks))]
    public void Benchmarks_run_and_those_of_a_kind_have_one_baseline(Type type)
    {
        using var benchmarks = (IDisposable)Activator.CreateInstance(type)!;
        foreach (MethodInfo method in MethodsOf(type))
            method.Invoke(benchmarks, null);

        int methods = MethodsOf(type).Count();
        Assert.Equal(methods > 1 ? 1 : 0, MethodsOf(type).Count(method => method.GetCustomAttribute<BenchmarkAttribute>()!.Baseline));
    }

    private static IEnumerable<MethodInfo> MethodsOf(Type type) => type.GetMethods().Where(method => method.GetCustomAttribute<BenchmarkAttribute>() is not null);
}
