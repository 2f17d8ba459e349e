namespace VaPi.Documents;

/// <summary>Tables in a Markdown document, each between a line that names it and one that ends it.</summary>
internal static class DocumentTables
{
    private const string End = "<!-- end -->";

    /// <summary>The document with tables made anew.</summary>
    /// <param name="document">Its lines end in a line feed alone.</param>
    /// <param name="tables">The tables that it must have, in Markdown.</param>
    /// <exception cref="ArgumentException">The document lacks a table, or its end.</exception>
    public static string Filled(string document, IEnumerable<(string Name, string Table)> tables)
    {
        foreach ((string name, string table) in tables)
        {
            string begin = $"<!-- table: {name} -->\n";
            int first = document.IndexOf(begin, StringComparison.Ordinal);
            int last = first < 0 ? -1 : document.IndexOf(End, first, StringComparison.Ordinal);
            if (last < 0)
                throw new ArgumentException($"The document must have a line '{begin.Trim()}' and after it a line '{End}'.");
            document = $"{document[..(first + begin.Length)]}\n{table}\n{document[last..]}";
        }

        return document;
    }
}
