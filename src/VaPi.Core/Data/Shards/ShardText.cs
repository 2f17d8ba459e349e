using System.Globalization;
using System.Text;
using System.Text.Json;

namespace VaPi.Data;

/// <summary>Labels and captions in the small members of shards.</summary>
internal static class ShardText
{
    private const int MostBytes = 1 << 20;

    private static readonly string[] CaptionFields = ["caption", "text", "TEXT", "alt"];

    /// <summary>The class in a <c>.cls</c> member: a whole number from 0 as text.</summary>
    /// <exception cref="ImageDataException">It is something else.</exception>
    public static long Label(FileSection section)
    {
        string text = Encoding.UTF8.GetString(Read(section));
        return int.TryParse(text.AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out int label)
            ? label
            : throw new ImageDataException($"The class '{section.Name}' is no whole number from 0 upwards.", section.Name);
    }

    /// <summary>The caption in a <c>.json</c> member: the first of the known fields; of several captions the first.</summary>
    /// <exception cref="ImageDataException">There is none, or the member is damaged.</exception>
    public static string Caption(FileSection section)
    {
        try
        {
            using var json = JsonDocument.Parse(Read(section));
            foreach (string field in CaptionFields)
            {
                if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty(field, out JsonElement value))
                    continue;
                JsonElement text = value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 ? value[0] : value;
                if (text.ValueKind == JsonValueKind.String)
                    return text.GetString()!;
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw new ImageDataException($"'{section.Name}' is no JSON text: {exception.Message}", section.Name, exception);
        }

        throw new ImageDataException($"'{section.Name}' has no text under {string.Join(", ", CaptionFields)}.", section.Name);
    }

    private static byte[] Read(FileSection section)
    {
        if (section.Length > MostBytes)
            throw new ImageDataException($"'{section.Name}' has {section.Length} bytes; at most {MostBytes} are read.", section.Name);
        byte[] bytes = new byte[section.Length];
        return section.ReadInto(bytes) == bytes.Length ? bytes : throw new ImageDataException($"'{section.Path}' has become shorter since it was opened.", section.Path);
    }
}
