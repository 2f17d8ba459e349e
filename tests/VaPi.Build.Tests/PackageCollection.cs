using Xunit;

namespace VaPi.Build.Tests;

/// <summary>The tests that share one package and the programs built with it.</summary>
[CollectionDefinition(Name)]
public sealed class PackageCollection : ICollectionFixture<PackageFixture>
{
    public const string Name = "package";
}
