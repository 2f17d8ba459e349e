namespace VaPi.Docs.Tests.Support;

/// <summary>
/// The code that documents show: what stands in the regions of the files in Snippets, which this project compiles. Regions of
/// one name in one file belong together, such as the using directives at its top and the statements in a method.
/// </summary>
internal static class Snippets
{
    private const string Begin = "#region ";
    private const string End = "#endregion";

    /// <summary>File and name of a snippet, and its lines.</summary>
    public static IReadOnlyList<(string Name, string[] Lines)> All { get; } =
    [
        .. Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", "VaPi.Docs.Tests", "Snippets"), "*.cs", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal)
            .SelectMany(file => InFile(File.ReadAllLines(file)).Select(snippet => ($"{Path.GetFileName(file)}, region '{snippet.Name}'", snippet.Lines))),
    ];

    /// <summary>Where a block differs from the snippet that is most like it.</summary>
    public static string DifferenceToClosest(string[] block)
    {
        (string name, string[] lines) = All.MaxBy(snippet => snippet.Lines.Intersect(block).Count());
        int line = Enumerable.Range(0, Math.Max(lines.Length, block.Length)).First(index => index >= lines.Length || index >= block.Length || lines[index] != block[index]);
        string Text(string[] text) => line < text.Length ? $"'{text[line]}'" : "nothing more";
        return $"Closest is {name}: in its line {line + 1} the document has {Text(block)} and the snippet {Text(lines)}.";
    }

    internal static IEnumerable<(string Name, string[] Lines)> InFile(IEnumerable<string> file)
    {
        var parts = new Dictionary<string, List<string[]>>();
        string? open = null;
        var lines = new List<string>();
        foreach (string line in file)
        {
            string text = line.Trim();
            if (text.StartsWith(Begin, StringComparison.Ordinal))
            {
                open = text[Begin.Length..];
                lines.Clear();
            }
            else if (text == End && open is not null)
            {
                if (!parts.TryGetValue(open, out List<string[]>? known))
                    parts.Add(open, known = []);
                known.Add(CodeText.Normalised(lines));
                open = null;
            }
            else
            {
                lines.Add(line);
            }
        }

        return parts.Select(part => (part.Key, part.Value.Aggregate((sum, next) => [.. sum, "", .. next])));
    }
}
