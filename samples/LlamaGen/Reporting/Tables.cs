using Spectre.Console;

namespace LlamaGen.Reporting;

/// <summary>Tables of texts.</summary>
internal static class Tables
{
    /// <summary>The last column is aligned to the right and not wrapped.</summary>
    public static Table Of(IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var table = new Table();
        for (int column = 0; column < columns.Count; column++)
            table.AddColumn(column == columns.Count - 1 ? new TableColumn(new Text(columns[column])).RightAligned().NoWrap() : new TableColumn(new Text(columns[column])));
        foreach (IReadOnlyList<string> row in rows)
            table.AddRow(row.Select(cell => new Text(cell)));
        return table;
    }
}
