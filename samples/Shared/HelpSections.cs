using System.Text;

namespace VaPi.Samples;

/// <summary>Puts a help text together, section by section.</summary>
internal static class HelpSections
{
    private const int Width = 80;

    /// <summary>A title and entries, each with its description beside it or below.</summary>
    public static StringBuilder AppendSection(
        this StringBuilder text, string title, IEnumerable<(string Name, string Description)> entries, bool beside = true)
    {
        List<(string Name, string Description)> listed = [.. entries];
        int indent = beside ? listed.Max(entry => entry.Name.Length) + 4 : 6;
        text.AppendLine($"{title}:");
        foreach ((string name, string description) in listed)
        {
            string pad = new(' ', indent);
            string lines = string.Join(Environment.NewLine + pad, Wording.Lines(description, Width - indent));
            text.AppendLine(beside ? $"  {name.PadRight(indent - 2)}{lines}" : $"  {name}{Environment.NewLine}{pad}{lines}");
        }

        return text.AppendLine();
    }

    /// <summary>Sentences, wrapped.</summary>
    public static StringBuilder AppendParagraph(this StringBuilder text, string paragraph)
    {
        foreach (string line in Wording.Lines(paragraph, Width))
            text.AppendLine(line);
        return text.AppendLine();
    }

    public static IEnumerable<(string Name, string Description)> Described<TOptions>(IEnumerable<CommandLineOption<TOptions>> options) =>
        options.Select(option => ($"{option.Name} {option.ValueName}".TrimEnd(), option.Description));
}
