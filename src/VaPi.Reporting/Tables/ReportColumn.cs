namespace VaPi.Reporting;

/// <summary>A column of a table.</summary>
/// <param name="Name">What stands in it, with its unit.</param>
/// <param name="Preference">Which of its values are good ones.</param>
public sealed record ReportColumn(string Name, Preference Preference = Preference.None)
{
    /// <summary>A column without a preference.</summary>
    public static implicit operator ReportColumn(string name) => new(name);

    /// <summary>A column without a preference.</summary>
    public static ReportColumn FromString(string name) => name;
}
