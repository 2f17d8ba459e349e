using TorchSharp;
using VaPi.Data;
using VaPi.Tests.Data;
using static TorchSharp.torch;

namespace VaPi.Tests.Toys;

/// <summary>A world's images as files in class folders, gone after the test.</summary>
internal sealed class ToyFolder : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ToyFolder(ToyWorld world, int images, int classes = 3)
    {
        using DisposeScope scope = NewDisposeScope();
        using ImageBatch all = world.Images.Read([.. Enumerable.Range(0, images).Select(index => new ImageDraw(index, 0))]);
        for (int index = 0; index < images; index++)
        {
            string path = Path.Combine(_folder.Folder($"class{index % classes}"), $"{index:D3}.png");
            ImageFile.Save(all.Images[index], path);
        }
    }

    public string Folder(string relativePath) => _folder.Folder(relativePath);

    /// <summary>Adds a file, and gives its path.</summary>
    public string Write(string relativePath, byte[] content) => _folder.Write(relativePath, content);

    public ImageFolder Open(ToyWorld world, int threads = 2) => ImageFolder.Open(
        _folder.Path, world.Tokenizer.ImageSize, new ImageFolderOptions { Threads = threads, Crop = ImageCrop.Random(0.6, 1), FlipProbability = 0.5 });

    /// <summary>As <see cref="Open"/>, with images that are the same at every draw.</summary>
    public ImageFolder OpenFixed(ToyWorld world) => ImageFolder.Open(_folder.Path, world.Tokenizer.ImageSize);

    public void Dispose() => _folder.Dispose();
}
