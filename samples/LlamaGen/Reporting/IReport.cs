namespace LlamaGen.Reporting;

/// <summary>Tells whoever watches how a command goes. Lines may come from any thread.</summary>
internal interface IReport
{
    /// <summary>Something to know.</summary>
    void Line(string text);

    /// <summary>Something that may not be as intended.</summary>
    void Warn(string text);

    /// <summary>Rows of columns; the last column holds numbers.</summary>
    void Table(IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<string>> rows);

    /// <summary>Does some steps while showing how far it is and about how long it still takes.</summary>
    /// <param name="title">What is being done.</param>
    /// <param name="steps">How many steps there are.</param>
    /// <param name="work">Does them; is given what to call after some of them.</param>
    void Track(string title, int steps, Action<Action<int>> work);
}
