using System.Text;
using System.Text.Json;

namespace VaPi.Data;

/// <summary>Reads lists of images: text files with a JSON object a line.</summary>
internal static class JsonLines
{
    private const string PathField = "image_path";
    private const int LongestLine = 1 << 20;
    private const int DeepestNesting = 64;

    /// <summary>
    /// The images of a list, each with the index of its line. Empty lines are passed over, and counted.
    /// </summary>
    /// <exception cref="ImageDataException">A line is not such an object; the message names file and line.</exception>
    public static IEnumerable<(int Line, string ImagePath)> Read(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        byte[] buffer = new byte[LongestLine + 1];
        (int start, int end) = (0, 0); // what has been read of the file and not been taken
        bool ended = false;
        for (int line = 0; !ended || start < end; line++)
        {
            int length;
            while ((length = buffer.AsSpan(start, end - start).IndexOf((byte)'\n')) < 0 && !ended)
            {
                if (end - start > LongestLine)
                    throw Refuse(path, line, $"is longer than {LongestLine} bytes");
                buffer.AsSpan(start, end - start).CopyTo(buffer);
                (start, end) = (0, end - start);
                int read = stream.Read(buffer, end, buffer.Length - end);
                ended = read == 0;
                end += read;
            }

            int taken = length < 0 ? end - start : length;
            if (ImagePath(path, line, buffer.AsSpan(start, taken)) is { } imagePath)
                yield return (line, imagePath);
            start = Math.Min(end, start + taken + 1);
        }
    }

    private static string? ImagePath(string path, int line, ReadOnlySpan<byte> text)
    {
        if (line == 0 && text.StartsWith(Encoding.UTF8.Preamble))
            text = text[Encoding.UTF8.Preamble.Length..];
        if (text.IndexOfAnyExcept(" \t\r"u8) < 0)
            return null;
        try
        {
            return ImagePath(text) ?? throw Refuse(path, line, $"has no '{PathField}'");
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw Refuse(path, line, $"is not a JSON object with a text '{PathField}': {exception.Message}", exception);
        }
    }

    // Read to the end, so that a line that is damaged behind the path is noticed too.
    private static string? ImagePath(ReadOnlySpan<byte> text)
    {
        var json = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = DeepestNesting });
        string? imagePath = null;
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
            throw new JsonException($"it begins with {json.TokenType}.");
        while (json.Read())
        {
            if (json.CurrentDepth != 1 || json.TokenType != JsonTokenType.PropertyName || !json.ValueTextEquals(PathField))
                continue;
            json.Read();
            imagePath = json.GetString();
            if (string.IsNullOrWhiteSpace(imagePath) || imagePath.Contains('\0', StringComparison.Ordinal))
                throw new JsonException("the path is empty, or has a character that paths do not have.");
        }

        return imagePath;
    }

    private static ImageDataException Refuse(string path, int line, string what, Exception? exception = null) => new(
        $"{path}:{line + 1}: the line {what}. Each line must be such as {{\"{PathField}\": \"a.jpg\", \"text\": [\"a caption\"]}}; mend or remove it.", path, exception);
}
