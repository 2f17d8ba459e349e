namespace VaPi.Docs.Tests.Support;

/// <summary>Code without the indentation and blank lines around it, so that it is the same in a document and in a method.</summary>
internal static class CodeText
{
    public static string[] Normalised(IEnumerable<string> lines)
    {
        string[] trimmed = [.. lines.Select(line => line.TrimEnd())];
        int indentation = trimmed.Where(line => line.Length > 0).Select(line => line.Length - line.TrimStart().Length).DefaultIfEmpty().Min();
        return
        [
            .. trimmed.Select(line => line.Length > 0 ? line[indentation..] : line)
                .SkipWhile(line => line.Length == 0)
                .Reverse()
                .SkipWhile(line => line.Length == 0)
                .Reverse(),
        ];
    }
}
