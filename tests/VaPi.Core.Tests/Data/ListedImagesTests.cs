using VaPi.Data;
using Xunit;

namespace VaPi.Tests.Data;

/// <summary>The documentation's example of a source of one's own.</summary>
public class ListedImagesTests
{
    [Fact]
    public void It_reads_what_is_listed_and_names_what_it_cannot_read()
    {
        using var folder = new TemporaryFolder();
        string good = folder.Write("good.png", TestImages.Png(4, 4, TestImages.Plain(9)));
        string bad = folder.Write("bad.png", [1]);
        string list = folder.Write("list.txt", System.Text.Encoding.UTF8.GetBytes($"{good}\t7\n{bad}\t1\nmissing.png\t2\n"));
        var images = new ListedImages(list, size: 4);

        using ImageBatch batch = images.Read([new(0, 1), new(0, 2)]);
        var error = Assert.Throws<ImageDataException>(() => images.Read([new(0, 0), new(1, 0), new(2, 0)]));

        Assert.Equal(Levels.Of(4, 4, TestImages.Plain(9)), Levels.Of(batch.Images, 1));
        Assert.Equal([7L, 7], Assert.IsType<ClassCondition>(batch.Condition).Labels.data<long>().ToArray());
        Assert.Equal([1, 2], error.Unreadable.Select(image => image.Index));
    }

    [Fact]
    public void The_documentation_shows_it_as_it_is()
    {
        string Text(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, name)).ReplaceLineEndings("\n");
        string source = Text("Data/ListedImages.cs");
        string example = source[source.IndexOf("internal sealed class", StringComparison.Ordinal)..];

        Assert.Contains($"```csharp\n{example}```", Text("docs/data.md"), StringComparison.Ordinal);
    }
}
