using Xunit;

namespace LlamaGen.Tests.Support;

/// <summary>Tests that no others run beside.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
