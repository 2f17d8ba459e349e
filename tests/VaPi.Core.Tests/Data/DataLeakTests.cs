using VaPi.Data;
using VaPi.Tests.Toys;
using Xunit;
using static TorchSharp.torch;

namespace VaPi.Tests.Data;

[Collection(AloneCollection.Name)]
public class DataLeakTests
{
    [Fact]
    public void Nothing_stays_behind()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("a/1.png", TestImages.Png(20, 30, TestImages.Pattern));
        folder.Write("a/2.png", [1, 2, 3]);
        using var captioned = new TemporaryFolder();
        CaptionSets.WriteList(captioned, "list", first: 0, count: 3);
        captioned.Write("a.tar", TarFiles.Of(System.Formats.Tar.TarEntryFormat.Pax, ("0.png", CaptionSets.Image(0)), ("0.npy", CaptionSets.Features(0)), ("1.png", [1]), ("1.npy", CaptionSets.Features(1))));
        File.Delete(Path.Combine(captioned.Path, "images/2.png"));
        using var tokenizer = new ToyTokenizer();
        string saved = Path.Combine(folder.Path, "saved.png");

        long before = LiveTensors.Settled();
        for (int i = 0; i < 3; i++)
        {
            using Tensor image = ImageFile.Load(path);
            ImageFile.LoadCenterCrop(path, 8).Dispose();
            ImageFile.Save(image, saved);
            ImageFolder images = ImageFolder.Open(folder.Path, size: 8);
            using ImageBatch batch = images.Read([new(0, 1), new(0, 2), new(0, 3)]);
            Assert.Throws<ImageDataException>(() => images.Read([new(0, 1), new(1, 2)]));

            using TensorImageSource source = ImageSource.FromTensors(batch.Images, batch.Condition);
            source.Read([new(2, 0)]).Dispose();
            Assert.Throws<ArgumentException>(() => ImageSource.FromTensors(image, batch.Condition));

            CaptionedImages captions = CaptionedImages.Open(captioned.Path, 8, Path.Combine(captioned.Path, "features"));
            captions.Read([new(0, 1), new(1, 2)]).Dispose();
            Assert.Throws<ImageDataException>(() => captions.Read([new(0, 1), new(2, 2)]));
            ImageShards shards = ImageShards.Open(captioned.Path, 8);
            shards.Read([new(0, 1), new(0, 2)]).Dispose();
            Assert.Throws<ImageDataException>(() => shards.Read([new(0, 1), new(1, 2)]));

            string codesPath = Path.Combine(captioned.Path, "codes");
            TokenCodes.Extract(source, tokenizer, codesPath);
            using TokenCodes codes = TokenCodes.Open(codesPath, tokenizer);
            source.WithCodes(codes).Read([new(1, 0)]).Dispose();
        }

        Assert.Equal(before, Tensor.TotalCount);
    }
}
