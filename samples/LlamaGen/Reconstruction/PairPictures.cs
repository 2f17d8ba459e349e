using System.Globalization;
using LlamaGen.Output;
using VaPi.Data;
using static TorchSharp.torch;

namespace LlamaGen.Reconstruction;

/// <summary>The first images and their reconstructions, for a picture with both side by side.</summary>
/// <param name="pairs">How many.</param>
internal sealed class PairPictures(int pairs) : IDisposable
{
    private const int PairsInARow = 2;

    private readonly List<(string File, string Caption)> _pictures = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("llamagen-").FullName;

    /// <param name="images">(B, 3, H, W) in [-1, 1].</param>
    /// <param name="reconstructions">(B, 3, H, W) in [-1, 1].</param>
    public void Add(Tensor images, Tensor reconstructions)
    {
        for (int image = 0; image < images.shape[0] && _pictures.Count < 2 * pairs; image++)
        {
            Keep(images, image, "image");
            Keep(reconstructions, image, "decoded");
        }
    }

    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(string path) => ContactSheet.Write(path, _pictures, columns: 2 * PairsInARow);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Keep(Tensor images, int index, string caption)
    {
        string file = Path.Combine(_folder, _pictures.Count.ToString(CultureInfo.InvariantCulture) + ".png");
        using Tensor image = images[index];
        ImageFile.Save(image, file);
        _pictures.Add((file, caption));
    }
}
