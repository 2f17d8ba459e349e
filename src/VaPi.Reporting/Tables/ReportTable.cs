namespace VaPi.Reporting;

/// <summary>A table of measures: a row for each policy, alternative or setting.</summary>
public sealed class ReportTable
{
    private readonly List<(string Name, IReadOnlyList<ReportValue> Values)> _rows = [];

    /// <summary>A table without rows.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="first">What the rows are, such as <c>policy</c>.</param>
    /// <param name="columns">The columns beside.</param>
    public ReportTable(string title, string first, params ReportColumn[] columns)
    {
        ArgumentNullException.ThrowIfNull(title);
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(columns);
        (Title, First, Columns) = (title, first, [.. columns]);
    }

    /// <summary>What it shows.</summary>
    public string Title { get; }

    /// <summary>What the rows are.</summary>
    public string First { get; }

    /// <summary>The columns beside.</summary>
    public IReadOnlyList<ReportColumn> Columns { get; }

    /// <summary>What stands below it: what the spreads are, how many seeds; null for nothing.</summary>
    public string? Note { get; init; }

    /// <summary>The rows in order.</summary>
    public IReadOnlyList<(string Name, IReadOnlyList<ReportValue> Values)> Rows => _rows;

    /// <summary>Adds a row.</summary>
    /// <param name="name">What was measured.</param>
    /// <param name="values">As many as there are columns.</param>
    /// <returns>This table.</returns>
    /// <exception cref="ArgumentException">There are more or fewer values than columns.</exception>
    public ReportTable WithRow(string name, params ReportValue[] values)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(values);
        if (values.Length != Columns.Count)
            throw new ArgumentException($"The row '{name}' of the table '{Title}' has {values.Length} values; it needs {Columns.Count}, one for each column.", nameof(values));
        _rows.Add((name, [.. values]));
        return this;
    }

    /// <summary>Whether a row has the best value of a column; the first of several.</summary>
    internal bool IsBest(int row, int column)
    {
        Preference preference = Columns[column].Preference;
        int best = -1;
        for (int other = 0; other < _rows.Count && preference != Preference.None; other++)
        {
            if (_rows[other].Values[column].Mean is not { } value || !double.IsFinite(value))
                continue;
            double? leader = best < 0 ? null : _rows[best].Values[column].Mean;
            if (leader is null || (preference == Preference.Higher ? value > leader : value < leader))
                best = other;
        }

        return best == row;
    }
}
