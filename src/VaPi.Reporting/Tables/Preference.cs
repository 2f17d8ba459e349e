namespace VaPi.Reporting;

/// <summary>Which values of a column are good ones; the best is set in bold.</summary>
public enum Preference
{
    /// <summary>None: a setting, a name.</summary>
    None,

    /// <summary>Higher is better.</summary>
    Higher,

    /// <summary>Lower is better.</summary>
    Lower,
}
