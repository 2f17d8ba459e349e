using System.Globalization;
using System.Text;

namespace VaPi.Reporting.Html;

/// <summary>Text and numbers as markup takes them.</summary>
internal static class HtmlText
{
    /// <summary>
    /// Text for content and for attributes in quotes: what has a meaning in markup is escaped, and characters that no markup can
    /// hold (control characters, halves of surrogate pairs) become replacement characters.
    /// </summary>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes()) // halves of pairs come as replacement characters
        {
            _ = rune.Value switch
            {
                '&' => escaped.Append("&amp;"),
                '<' => escaped.Append("&lt;"),
                '>' => escaped.Append("&gt;"),
                '"' => escaped.Append("&quot;"),
                '\'' => escaped.Append("&#39;"),
                '\t' or '\n' or '\r' => escaped.Append((char)rune.Value),
                < 0x20 or 0x7F or 0xFFFE or 0xFFFF => escaped.Append('\uFFFD'),
                _ => escaped.Append(rune),
            };
        }

        return escaped.ToString();
    }

    /// <summary>A place on a drawing, to a hundredth.</summary>
    public static string Place(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
