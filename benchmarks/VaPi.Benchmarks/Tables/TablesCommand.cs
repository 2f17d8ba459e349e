namespace VaPi.Benchmarks.Tables;

/// <summary>Puts what was measured into the tables of a document, each between a line that names it and one that ends it.</summary>
internal static class TablesCommand
{
    private const string Usage = "usage: VaPi.Benchmarks tables DOCUMENT MEASUREMENTS    DOCUMENT: such as docs/performance.md; MEASUREMENTS: the folder with the JSON files";
    private const int WrongUsage = 64;
    private const string End = "<!-- end -->";

    public static int Run(IReadOnlyList<string> arguments)
    {
        if (arguments.Count != 2 || !File.Exists(arguments[0]) || !Directory.Exists(arguments[1]))
        {
            Console.Error.WriteLine(Usage);
            return WrongUsage;
        }

        File.WriteAllText(arguments[0], Filled(File.ReadAllText(arguments[0]), arguments[1]));
        return 0;
    }

    /// <summary>The document with every table made anew.</summary>
    /// <exception cref="ArgumentException">A table has no end, or is not one that can be made.</exception>
    public static string Filled(string document, string measurements)
    {
        foreach ((string name, Func<string, string> table) in PerformanceTables.All)
        {
            string begin = $"<!-- table: {name} -->\n";
            int first = document.IndexOf(begin, StringComparison.Ordinal);
            int last = first < 0 ? -1 : document.IndexOf(End, first, StringComparison.Ordinal);
            if (last < 0)
                throw new ArgumentException($"The document must have a line '{begin.Trim()}' and after it a line '{End}'.");
            document = $"{document[..(first + begin.Length)]}\n{table(measurements)}\n{document[last..]}";
        }

        return document;
    }
}
