namespace VaPi.Checkpoints.Files;

/// <summary>Text that may hold names out of files, made fit for messages.</summary>
internal static class PrintableText
{
    /// <summary>
    /// The text with '?' for every control character and line break: a name in an archive could otherwise forge lines of a log, or
    /// command the terminal that shows it.
    /// </summary>
    public static string Of(string text) => text.Any(IsUnfit) ? string.Concat(text.Select(letter => IsUnfit(letter) ? '?' : letter)) : text;

    private static bool IsUnfit(char letter) => char.IsControl(letter) || letter is '\u2028' or '\u2029';
}
