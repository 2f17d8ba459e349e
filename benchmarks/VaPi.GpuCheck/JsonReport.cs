using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace VaPi.GpuCheck;

/// <summary>Writes JSON to a text writer when it is disposed, whatever was written until then.</summary>
internal sealed class JsonReport : IDisposable
{
    private readonly TextWriter _output;
    private readonly MemoryStream _text = new();

    public JsonReport(TextWriter output, bool indented)
    {
        _output = output;
        Json = new Utf8JsonWriter(_text, new JsonWriterOptions { Indented = indented, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
    }

    public Utf8JsonWriter Json { get; }

    public void Dispose()
    {
        Json.Dispose();
        _output.WriteLine(Encoding.UTF8.GetString(_text.ToArray()));
        _output.Flush();
        _text.Dispose();
    }
}
