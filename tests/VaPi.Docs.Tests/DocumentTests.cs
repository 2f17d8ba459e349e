using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using VaPi.Docs.Tests.Support;
using Xunit;

namespace VaPi.Docs.Tests;

/// <summary>
/// Code in documents is compiled: every C# block of README.md and docs is, up to indentation, a region of a file in Snippets.
/// </summary>
public partial class DocumentTests
{
    private static readonly string[] NamesOfCSharp = ["csharp", "cs", "c#", "c-sharp"];

    public static TheoryData<string> Documents => [.. Repository.Documents];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_block_of_code_is_compiled(string document)
    {
        foreach ((_, int line, string[] lines) in Document.Read(document).Blocks.Where(block => block.Language == "csharp"))
        {
            string[] block = CodeText.Normalised(lines);
            if (!Snippets.All.Any(snippet => snippet.Lines.SequenceEqual(block)))
                Assert.Fail($"The code at {document}:{line} is no region of a file in tests/VaPi.Docs.Tests/Snippets. Put it there, so that it is compiled. {Snippets.DifferenceToClosest(block)}");
        }
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Blocks_of_CSharp_are_marked_so_that_they_are_found(string document)
    {
        foreach ((string language, int line, _) in Document.Read(document).Blocks.Where(block => block.Language != "csharp"))
            Assert.False(NamesOfCSharp.Contains(language, StringComparer.OrdinalIgnoreCase), $"{document}:{line}: write ```csharp, not ```{language}.");
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Blocks_of_json_and_xml_can_be_read(string document)
    {
        foreach ((string language, int line, string[] lines) in Document.Read(document).Blocks)
        {
            string text = string.Join('\n', lines);
            Exception? problem = language switch
            {
                "json" => Record.Exception(() => JsonDocument.Parse(text)),
                "xml" => Record.Exception(() => XElement.Parse(text)),
                _ => null,
            };
            Assert.True(problem is null, $"{document}:{line}: {problem?.Message}");
        }
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Commands_name_projects_that_there_are(string document)
    {
        foreach ((_, int line, string[] lines) in Document.Read(document).Blocks.Where(block => block.Language is "" or "bash"))
        {
            foreach (Match project in lines.SelectMany(text => Project().Matches(text)))
                Assert.True(Path.Exists(Path.Combine(Repository.Root, project.Groups["path"].Value)), $"{document}:{line}: there is no '{project.Groups["path"].Value}'.");
        }
    }

    [Fact]
    public void Every_region_is_in_a_document()
    {
        List<string[]> blocks = [.. Repository.Documents.SelectMany(document => Document.Read(document).Blocks.Where(block => block.Language == "csharp")).Select(block => CodeText.Normalised(block.Lines))];

        Assert.All(Snippets.All, snippet => Assert.True(blocks.Any(block => block.SequenceEqual(snippet.Lines)), $"No document shows {snippet.Name}."));
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Links_within_the_repository_lead_somewhere(string document)
    {
        string folder = Path.GetDirectoryName(Path.Combine(Repository.Root, document))!;
        foreach (string link in Document.Read(document).Links.Where(link => !link.Contains("://", StringComparison.Ordinal) && !link.StartsWith('#')))
        {
            string target = Path.Combine(folder, Uri.UnescapeDataString(link.Split('#')[0]));
            Assert.True(Path.Exists(target), $"{document} links to '{link}', which is not there.");
        }
    }

    [Fact]
    public void The_index_leads_to_every_page()
    {
        HashSet<string> links = [.. Document.Read("docs/README.md").Links.Select(link => $"docs/{link}")];

        Assert.DoesNotContain(Repository.Documents, document => document.Split('/') is ["docs", not "README.md"] && !links.Contains(document));
    }

    [Fact]
    public void Parts_of_a_region_are_joined_and_indentation_does_not_count()
    {
        string[] file = ["#region a", "using X;", "#endregion", "class C", "{", "    #region a", "    if (x)", "        y();  ", "", "    #endregion", "    #region b", "z();", "#endregion", "}"];

        List<(string Name, string[] Lines)> snippets = [.. Snippets.InFile(file)];

        Assert.Equal(["a", "b"], snippets.Select(snippet => snippet.Name));
        Assert.Equal(["using X;", "", "if (x)", "    y();"], snippets[0].Lines);
        Assert.Equal(["z();"], snippets[1].Lines);
    }

    [Fact]
    public void A_block_that_is_not_compiled_is_told_from_the_closest_that_is()
    {
        string[] block = [.. Snippets.All.Single(snippet => snippet.Name.Contains("'readme'", StringComparison.Ordinal)).Lines];
        block[^1] = "policy.Save(42);";

        Assert.DoesNotContain(Snippets.All, snippet => snippet.Lines.SequenceEqual(block));
        Assert.Contains("the document has 'policy.Save(42);' and the snippet 'policy.Save(\"aligned.safetensors\");'", Snippets.DifferenceToClosest(block), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"dotnet \S+ .*?(?<path>(benchmarks|build|samples|tests)/[\w./]+|\w[\w.]*\.slnf?)")]
    private static partial Regex Project();
}
