using VaPi;
using VaPi.Data;
using VaPi.Models.LlamaGen;

namespace LlamaGen.Alignment;

/// <summary>Opens the images to align on, and makes sure that the policy knows their classes or captions.</summary>
internal static class AlignmentImages
{
    /// <exception cref="CommandException">The images do not suit the policy.</exception>
    /// <exception cref="IOException">They cannot be found.</exception>
    public static IImageSource Open(AlignOptions options, LlamaGenConfiguration policy, ImageSize size) =>
        policy.IsTextConditional ? OfCaptions(options, policy, size) : OfClasses(options, policy, size);

    private static ImageFolder OfClasses(AlignOptions options, LlamaGenConfiguration policy, ImageSize size)
    {
        ImageFolder images = ImageFolder.Open(options.Images!, size);
        return images.Classes.Count <= policy.Classes
            ? images
            : throw new CommandException($"'{options.Images}' has {images.Classes.Count} sub-folders, each a class, but the policy knows {policy.Classes} classes. Give the images that it was trained on.");
    }

    private static CaptionedImages OfCaptions(AlignOptions options, LlamaGenConfiguration policy, ImageSize size)
    {
        CaptionedImages images = CaptionedImages.Open(
            options.Captions!,
            size,
            options.Features!,
            new CaptionedImagesOptions { ImageRoot = options.Images, ShortFeatures = options.ShortFeatures, Places = policy.CaptionPlaces });
        return images.FeatureWidth == policy.CaptionWidth
            ? images
            : throw new CommandException($"The captions in '{options.Features}' have {images.FeatureWidth} features at each place, but the policy takes {policy.CaptionWidth}. Make them with the text encoder that the policy was trained with.");
    }
}
