#region listed images
using System.Globalization;
using VaPi;
using VaPi.Data;
using static TorchSharp.torch;

#endregion

namespace Documents;

#region listed images
internal sealed class ListedImages : IImageSource
{
    private readonly (string Path, long Label)[] _images;

    public ListedImages(string list, ImageSize size)
    {
        _images = [.. File.ReadLines(list).Select(line => line.Split('\t')).Select(parts => (parts[0], long.Parse(parts[1], CultureInfo.InvariantCulture)))];
        ImageSize = size;
    }

    public int Count => _images.Length;

    public ImageSize ImageSize { get; }

    public ImageBatch Read(IReadOnlyList<ImageDraw> draws)
    {
        using var scope = NewDisposeScope();
        var images = new List<Tensor>();
        var unreadable = new List<UnreadableImage>();
        foreach (ImageDraw draw in draws)
        {
            try
            {
                images.Add(ImageFile.LoadCenterCrop(_images[draw.Index].Path, ImageSize));
            }
            catch (IOException exception)
            {
                unreadable.Add(new UnreadableImage(draw.Index, _images[draw.Index].Path, exception.Message));
            }
        }

        if (unreadable.Count > 0)
            throw new ImageDataException($"{unreadable.Count} images cannot be read.", unreadable);
        return new ImageBatch(stack(images), new ClassCondition(draws.Select(draw => _images[draw.Index].Label)));
    }
}
#endregion
