using Markdig;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace VaPi.Docs.Tests.Support;

/// <summary>One Markdown file.</summary>
internal sealed class Document
{
    private readonly MarkdownDocument _content;

    private Document(string path)
    {
        Path = path;
        _content = Markdown.Parse(File.ReadAllText(System.IO.Path.Combine(Repository.Root, path)), new MarkdownPipelineBuilder().UsePipeTables().Build());
    }

    /// <summary>From the repository's root.</summary>
    public string Path { get; }

    /// <summary>Fenced blocks: the language behind the fence, the line it is in, and the lines between the fences.</summary>
    public IEnumerable<(string Language, int Line, string[] Lines)> Blocks =>
        _content.Descendants<FencedCodeBlock>().Select(block => (block.Info ?? "", block.Line + 1, block.Lines.ToString().Split('\n')));

    /// <summary>What is set in code within a line.</summary>
    public IEnumerable<string> CodeSpans => _content.Descendants<CodeInline>().Select(code => code.Content);

    /// <summary>Targets of links and pictures.</summary>
    public IEnumerable<string> Links => _content.Descendants<LinkInline>().Select(link => link.Url ?? "");

    public static Document Read(string path) => new(path);
}
