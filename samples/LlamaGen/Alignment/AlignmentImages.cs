using LlamaGen.Models;
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

    /// <summary>What may be wrong with the images and cannot be told for sure; null if nothing.</summary>
    /// <param name="images">As <see cref="Open"/> gave them.</param>
    /// <param name="policy">The policy; one with random weights has not learnt which class is which.</param>
    public static string? WarningOf(IImageSource images, PolicyPlan policy) =>
        images is ImageFolder { Classes.Count: int found } && policy.Path is not null && found < policy.Configuration.Classes
            ? $"The images have {found} sub-folders, but the policy knows {policy.Configuration.Classes} classes: in the order of their names they are taken for the classes 0 to {found - 1}. An empty sub-folder keeps the place of a class without images."
            : null;

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
