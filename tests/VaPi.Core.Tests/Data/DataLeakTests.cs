using VaPi.Data;
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
        string saved = Path.Combine(folder.Path, "saved.png");

        GC.Collect();
        GC.WaitForPendingFinalizers();
        long before = Tensor.TotalCount;
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
        }

        Assert.Equal(before, Tensor.TotalCount);
    }
}
