using System.Text;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Data;

/// <summary>Small data sets with captions. Image i is plain at level 10 (i + 1), and its features count from 100 i.</summary>
internal static class CaptionSets
{
    public const int Width = 4;

    /// <summary>How many places the caption of image i has.</summary>
    public static int Length(int image) => 1 + (image % 4);

    public static byte[] Image(int image, int side = 8) => TestImages.Png(side, side, TestImages.Plain((byte)(10 * (image + 1))));

    public static byte[] Features(int image) => NumpyFiles.Counting(100 * image, 1, Length(image), Width);

    /// <summary>Writes images, the list <c>name.jsonl</c> and the features of each line.</summary>
    public static void WriteList(TemporaryFolder folder, string name, int first, int count, string features = "features")
    {
        var lines = new StringBuilder();
        for (int line = 0; line < count; line++)
        {
            folder.Write($"images/{first + line}.png", Image(first + line));
            folder.Write($"{features}/{name}/{line}.npy", Features(first + line));
            lines.Append("{\"image_path\": \"images/").Append(first + line).Append(".png\", \"text\": [\"a picture\"]}\n");
        }

        folder.Write($"{name}.jsonl", Encoding.UTF8.GetBytes(lines.ToString()));
    }

    /// <summary>Position i of the batch is this image with this caption, right-aligned.</summary>
    public static void AssertImage(ImageBatch batch, int position, int image, int? caption = null, int places = 3)
    {
        using DisposeScope scope = NewDisposeScope();
        var captions = Assert.IsType<CaptionCondition>(batch.Condition);
        Assert.Equal(10 * (image + 1), Levels.Of(batch.Images, position)[0, 0, 0]);
        Assert.Equal((places, Width), (captions.Places, captions.Width));
        int kept = Math.Min(places, Length(image));
        IEnumerable<float> expected = Enumerable.Repeat(0f, (places - kept) * Width).Concat(Enumerable.Range(0, kept * Width).Select(i => (100f * (caption ?? image)) + i));
        Assert.Equal(expected, captions.Features[position].data<float>().ToArray());
        Assert.Equal(Enumerable.Range(0, places).Select(place => place >= places - kept), captions.Mask[position].data<bool>().ToArray());
    }
}
