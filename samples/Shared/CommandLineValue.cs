using System.Globalization;

namespace VaPi.Samples;

/// <summary>What was given to an option.</summary>
internal sealed record CommandLineValue(string Option, string Text)
{
    /// <summary>A file, there or not.</summary>
    /// <exception cref="ArgumentException">It is no path.</exception>
    public string File() => Path("file");

    /// <summary>A folder, there or not.</summary>
    /// <exception cref="ArgumentException">It is no path.</exception>
    public string Folder() => Path("folder");

    /// <exception cref="ArgumentException">It is no whole number, or outside the range.</exception>
    public int Number(int lowest, int highest) =>
        int.TryParse(Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= lowest && number <= highest
            ? number
            : throw new ArgumentException($"{Option} is '{Text}' but must be a whole number from {lowest} to {highest}.");

    /// <summary>A number with a point, or with an exponent as in 1e-6.</summary>
    /// <exception cref="ArgumentException">It is no number, or outside the range.</exception>
    public double Decimal(double lowest, double highest = double.PositiveInfinity) =>
        double.TryParse(Text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number) && number >= lowest && number <= highest
            ? number
            : throw new ArgumentException(string.Create(
                CultureInfo.InvariantCulture, $"{Option} is '{Text}' but must be a number of {lowest} or more{(double.IsFinite(highest) ? $", {highest} at most" : "")}."));

    /// <summary>Numbers with commas between them.</summary>
    /// <exception cref="ArgumentException">One is no whole number, or outside the range.</exception>
    public IReadOnlyList<int> Numbers(int lowest, int highest) =>
        [.. Text.Split(',', StringSplitOptions.TrimEntries).Select(part => (this with { Text = part }).Number(lowest, highest))];

    /// <summary>One of some names, in any case.</summary>
    /// <returns>The name as it is written in the list.</returns>
    /// <exception cref="ArgumentException">It is none of them.</exception>
    public string OneOf(IReadOnlyList<string> names)
    {
        if (names.FirstOrDefault(name => name.Equals(Text, StringComparison.OrdinalIgnoreCase)) is { } found)
            return found;
        string? nearest = NearestName.Of(Text, names);
        throw new ArgumentException($"{Option} is '{Text}' but must be one of {string.Join(", ", names)}.{(nearest is null ? "" : $" Did you mean {nearest}?")}");
    }

    private string Path(string kind)
    {
        try
        {
            _ = System.IO.Path.GetFullPath(Text);
            return Text;
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException or PathTooLongException)
        {
            throw new ArgumentException($"{Option} is '{Text}' but must be a {kind}: {exception.Message}", exception);
        }
    }
}
