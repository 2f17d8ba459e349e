using System.Globalization;

namespace QuickStart.CommandLine;

/// <summary>What was given to an option.</summary>
internal sealed record CommandLineValue(string Option, string Text)
{
    /// <exception cref="ArgumentException">It is no path.</exception>
    public string Folder()
    {
        try
        {
            _ = Path.GetFullPath(Text);
            return Text;
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException or PathTooLongException)
        {
            throw new ArgumentException($"{Option} is '{Text}' but must be a folder: {exception.Message}", exception);
        }
    }

    /// <exception cref="ArgumentException">It is no whole number, or outside the range.</exception>
    public int Number(int lowest, int highest) =>
        int.TryParse(Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= lowest && number <= highest
            ? number
            : throw new ArgumentException($"{Option} is '{Text}' but must be a whole number from {lowest} to {highest}.");
}
