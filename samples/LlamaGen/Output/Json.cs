using System.Text.Encodings.Web;
using System.Text.Json;

namespace LlamaGen.Output;

/// <summary>How the program writes JSON.</summary>
internal static class Json
{
    /// <summary>Over several lines, for files.</summary>
    public static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // it is read by people and programs, not put in a web page
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals, // two equal images have an infinite PSNR
    };

    /// <summary>On one line, for logs with a line an entry.</summary>
    public static readonly JsonSerializerOptions Line = new(Indented) { WriteIndented = false };
}
