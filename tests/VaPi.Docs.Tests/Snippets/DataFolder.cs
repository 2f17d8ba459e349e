using VaPi.Data;

namespace Documents;

/// <summary>Compiled, not run: its folder is not here.</summary>
internal static class DataFolder
{
    public static ImageFolder Open()
    {
        #region folder
        ImageFolder images = ImageFolder.Open("train", size: 384, new ImageFolderOptions
        {
            Crop = ImageCrop.Random(0.8, 1),
            FlipProbability = 0.5,
        });
        #endregion
        return images;
    }
}
