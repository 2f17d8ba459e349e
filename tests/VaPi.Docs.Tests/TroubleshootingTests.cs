using System.Text.RegularExpressions;
using VaPi.Docs.Tests.Support;
using Xunit;

namespace VaPi.Docs.Tests;

/// <summary>docs/troubleshooting.md quotes messages that there are, and has those that everybody may meet.</summary>
public partial class TroubleshootingTests
{
    private const string Page = "docs/troubleshooting.md";
    private const string Foreign = "From libtorch, TorchSharp and .NET";

    private static readonly string[] Folders = ["src", "build"];

    private static readonly string Sources = string.Join('\n', Folders
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*", SearchOption.AllDirectories))
        .Where(file => Path.GetExtension(file) is ".cs" or ".targets" && !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal)
        .Select(File.ReadAllText));

    // Section and quoted text of each row; the words behind a message in brackets are not its own.
    private static List<(string Section, string Text)> Quoted()
    {
        var quoted = new List<(string, string)>();
        string section = "";
        foreach (string line in File.ReadLines(Path.Combine(Repository.Root, Page)))
        {
            if (line.StartsWith("## ", StringComparison.Ordinal))
                section = line[3..];
            else if (line.StartsWith("| `", StringComparison.Ordinal) && section.Length > 0)
                quoted.AddRange(Code().Matches(line.Split('|')[1].Split(" (")[0]).Select(match => (section, match.Groups["text"].Value)));
            else if (Beginning().Match(line) is { Success: true } beginning)
                quoted.Add((section, beginning.Groups["text"].Value));
        }

        return quoted;
    }

    [Fact]
    public void Every_quoted_message_is_in_the_sources()
    {
        List<(string Section, string Text)> quoted = [.. Quoted().Where(each => each.Section != Foreign)];

        Assert.True(quoted.Count > 80, $"{quoted.Count} messages are found on the page");
        Assert.DoesNotContain(quoted, each => !Sources.Contains(each.Text, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_warning_is_on_the_page()
    {
        string[] warnings = [.. Warning().Matches(Sources).Select(match => match.Groups["text"].Value).Where(text => text != "{Reason}")];

        Assert.True(warnings.Length > 8, $"{warnings.Length} warnings are found in the sources");
        Assert.DoesNotContain(warnings, warning => !Quoted().Any(each => warning.Contains(each.Text, StringComparison.Ordinal)));
    }

    [Fact]
    public void Everything_that_may_not_fit_when_a_trainer_is_built_is_on_the_page()
    {
        string builder = File.ReadAllText(Path.Combine(Repository.Root, "src", "VaPi.Core", "Alignment", "AlignmentTrainerBuilder.cs"));
        string[] problems = [.. Problem().Matches(builder).Select(match => match.Groups["text"].Value)];

        Assert.True(problems.Length > 14, $"{problems.Length} problems are found in the builder");
        Assert.DoesNotContain(problems, problem => !Quoted().Any(each => problem.Contains(each.Text, StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_exception_of_the_library_is_on_the_page()
    {
        string page = File.ReadAllText(Path.Combine(Repository.Root, Page));

        Assert.DoesNotContain(
            ApiReference.ReferencePages.Library().SelectMany(assembly => assembly.GetExportedTypes()),
            type => typeof(Exception).IsAssignableFrom(type) && !page.Contains($"| `{type.Name}` |", StringComparison.Ordinal));
    }

    [GeneratedRegex("`(?<text>[^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex("begins? with `(?<text>[^`]+)`")]
    private static partial Regex Beginning();

    [GeneratedRegex("""LoggerMessage\(\d+, LogLevel\.(Warning|Error), "(?<text>[^"]+)"\)""")]
    private static partial Regex Warning();

    [GeneratedRegex("""yield return \$?"(?<text>.+)";""")]
    private static partial Regex Problem();
}
