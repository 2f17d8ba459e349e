using TorchSharp;
using static TorchSharp.torch;

namespace VaPi.Study.Shapes;

/// <summary>
/// Drawn scenes with their captions. Nothing is stored: an index is the seed of a scene, and each region has seeds of its own.
/// </summary>
/// <param name="region">The part that the scenes play.</param>
/// <param name="count">The scenes, 1 to 2^29; more than a run uses, so that none is seen twice.</param>
internal sealed class ShapeScenes(SceneRegion region, int count = 1 << 17) : IImageSource
{
    public int Count => count;

    public ImageSize ImageSize => Scene.Side;

    public bool PixelsDependOnSeed => false;

    public string Fingerprint => $"shape scenes 1, {region}, {count}";

    /// <summary>The scene of an index.</summary>
    public Scene this[int index] => SceneSampler.Sample(((int)region << 29) + index);

    /// <summary>Draws scenes. Their condition is their captions.</summary>
    public ImageBatch Read(IReadOnlyList<ImageDraw> draws)
    {
        using DisposeScope scope = NewDisposeScope();
        float[] pixels = new float[draws.Count * SceneDrawing.Length];
        var captions = new string[draws.Count];
        for (int image = 0; image < draws.Count; image++)
        {
            Scene scene = this[draws[image].Index];
            SceneDrawing.Draw(scene, pixels.AsSpan(image * SceneDrawing.Length, SceneDrawing.Length));
            captions[image] = scene.Prompt.Caption;
        }

        Tensor images = tensor(pixels, [draws.Count, 3, Scene.Side, Scene.Side]); // (B, 3, 64, 64)
        return new ImageBatch(images, CaptionTable.Condition(captions));
    }
}
