using ApiReference;
using VaPi.Docs.Tests.Support;
using Xunit;

namespace VaPi.Docs.Tests;

/// <summary>docs/api is what build/ApiReference makes of the library as it is now.</summary>
public class ApiReferenceTests
{
    private const string Remedy = "Write the reference anew: dotnet run -c Release --project build/ApiReference -- docs/api";

    private static readonly string Folder = Path.Combine(Repository.Root, "docs", "api");

    private static readonly IReadOnlyDictionary<string, string> Made = ReferencePages.Make(ReferencePages.Library());

    [Fact]
    public void Every_page_is_as_it_would_be_made_now()
    {
        IEnumerable<string> committed = Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Folder, file).Replace('\\', '/'));
        Assert.True(Made.Keys.Order(StringComparer.Ordinal).SequenceEqual(committed.Order(StringComparer.Ordinal)), $"docs/api has other pages than are made now. {Remedy}");
        foreach ((string path, string text) in Made)
            Assert.True(File.ReadAllText(Path.Combine(Folder, path)).ReplaceLineEndings("\n") == text, $"docs/api/{path} is not what the sources say now. {Remedy}");
    }

    [Fact]
    public void Links_lead_to_the_headings_of_types()
    {
        foreach ((string path, string text) in Made)
        {
            foreach (string[] link in Document.Read($"docs/api/{path}").Links.Select(link => link.Split('#')).Where(link => link.Length == 2))
            {
                string target = link[0].Length == 0 ? path : Path.GetRelativePath(Folder, Path.Combine(Folder, Path.GetDirectoryName(path)!, link[0])).Replace('\\', '/');
                IEnumerable<string> headings = Made[target].Split('\n').Where(line => line.StartsWith("## ", StringComparison.Ordinal));
                Assert.True(headings.Any(heading => string.Concat(heading[3..].ToLowerInvariant().Where(char.IsLetterOrDigit)) == link[1]), $"{path}: '{target}#{link[1]}' has no such heading.");
            }
        }
    }

    [Theory]
    [InlineData("VaPi.Core/VaPi.md", "- `Tensor Decode(Tensor tokens)`\n\n  Decodes tokens to images.\n\n  - `tokens`: (N, T), int64, each in 0 … V-1. Stays the caller's.\n")] // parameters
    [InlineData("VaPi.Core/VaPi.md", "- `IEnumerable<(string Name, Parameter Parameter)> NamedParameters()`\n")] // tuples
    [InlineData("VaPi.Core/VaPi.md", "- `Tensor LogProbabilities(Condition condition, Tensor context, Tensor samples, double temperature, Tensor? support)`\n")] // what may be null
    [InlineData("VaPi.Core/VaPi.md", "- `int Start { get; init; }`\n\n  The index of the stage's first token in the sequence.\n")] // positional records
    [InlineData("VaPi.Core/VaPi.md", "- `override Condition To(Device device)`\n\n  A copy on the device.\n")] // what is inherited
    [InlineData("VaPi.Core/VaPi.Alignment.md", "- `Schedule LearningRate { get; set; } = 1E-06`\n")] // what options are by themselves
    [InlineData("VaPi.Core/VaPi.Alignment.md", "- `int? ImagesPerMinibatch { get; set; } = null`\n")]
    [InlineData("VaPi.Core/VaPi.Alignment.md", "- throws [`RunFolderException`](VaPi.Alignment.Runs.md#runfolderexception): ")] // exceptions, in another namespace
    [InlineData("VaPi.Models/VaPi.Models.LlamaGen.md", "](../VaPi.Core/VaPi.md#iautoregressivepolicy)")] // in another package
    public void What_the_sources_say_is_on_the_page(string page, string text) => Assert.Contains(text, Made[page], StringComparison.Ordinal);
}
