using Documents;
using VaPi.Docs.Tests.Support;
using VaPi.Tests;
using Xunit;

namespace VaPi.Docs.Tests;

/// <summary>The numbers in docs/cost-model.md are what the code there prints.</summary>
[Collection(AloneCollection.Name)]
public class CostModelDocumentTests
{
    [Fact]
    public void The_worked_example_is_what_its_code_prints()
    {
        using var printed = new StringWriter();
        TextWriter console = Console.Out;
        Console.SetOut(printed);
        try
        {
            CostModel.Print();
        }
        finally
        {
            Console.SetOut(console);
        }

        string[] shown = Document.Read("docs/cost-model.md").Blocks.Single(block => block.Language == "text").Lines;
        Assert.Equal(CodeText.Normalised(printed.ToString().ReplaceLineEndings("\n").Split('\n')), CodeText.Normalised(shown));
    }
}
