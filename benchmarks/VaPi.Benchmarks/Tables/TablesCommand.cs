using VaPi.Documents;

namespace VaPi.Benchmarks.Tables;

/// <summary>Puts what was measured into the tables of a document, each between a line that names it and one that ends it.</summary>
internal static class TablesCommand
{
    private const string Usage = "usage: VaPi.Benchmarks tables DOCUMENT MEASUREMENTS    DOCUMENT: such as docs/performance.md; MEASUREMENTS: the folder with the JSON files";
    private const int WrongUsage = 64;

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
    /// <exception cref="ArgumentException">It lacks a table, or a table's end.</exception>
    public static string Filled(string document, string measurements) =>
        DocumentTables.Filled(document, PerformanceTables.All.Select(made => (made.Name, made.Table(measurements))));
}
