using System.Text.Json.Serialization;

namespace VaPi.GoldenCheck;

/// <summary>Reads the configuration with generated code, which a trimmed program has too.</summary>
[JsonSerializable(typeof(GoldenConfiguration))]
[JsonSourceGenerationOptions(PropertyNameCaseInsensitive = true)]
internal sealed partial class GoldenJson : JsonSerializerContext;
