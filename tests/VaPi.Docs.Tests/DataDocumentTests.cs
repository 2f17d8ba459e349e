using Documents;
using SkiaSharp;
using VaPi.Data;
using VaPi.Tests.Toys;
using Xunit;

namespace VaPi.Docs.Tests;

/// <summary>The source of one's own in docs/data.md, run.</summary>
public sealed class DataDocumentTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vapi-docs-").FullName;

    [Fact]
    public void It_reads_what_is_listed_and_names_what_it_cannot_read()
    {
        string good = Path.Combine(_folder, "good.png");
        string bad = Path.Combine(_folder, "bad.png");
        string list = Path.Combine(_folder, "list.txt");
        using (var grey = new SKBitmap(4, 4))
        {
            grey.Erase(new SKColor(102, 102, 102));
            using FileStream file = File.Create(good);
            grey.Encode(file, SKEncodedImageFormat.Png, 100);
        }

        File.WriteAllBytes(bad, [1]);
        File.WriteAllText(list, $"{good}\t7\n{bad}\t1\nmissing.png\t2\n");
        var images = new ListedImages(list, size: 4);

        using ImageBatch batch = images.Read([new(0, 1), new(0, 2)]);
        var error = Assert.Throws<ImageDataException>(() => images.Read([new(0, 0), new(1, 0), new(2, 0)]));

        Assert.All(batch.Images.data<float>().ToArray(), value => Assert.Equal(102 / 127.5 - 1, value, 1e-6));
        Assert.Equal([2, 3, 4, 4], batch.Images.shape);
        Assert.Equal([7L, 7], Assert.IsType<ClassCondition>(batch.Condition).Labels.data<long>().ToArray());
        Assert.Equal([1, 2], error.Unreadable.Select(image => image.Index));
    }

    [Fact]
    public void Extracted_codes_are_made_and_used_as_shown()
    {
        using var world = new ToyWorld();
        ExtractedCodes.Align(world.Tokenizer, world.Images, world.Builder(), Path.Combine(_folder, "codes.safetensors"));
        Assert.Equal(1, world.Tokenizer.Encoded); // all images at once, and none in the step
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
