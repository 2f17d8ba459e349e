using TorchSharp;
using VaPi.Study.Shapes;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace VaPi.Study.Tests.Support;

/// <summary>Pictures to read, whole and spoilt.</summary>
internal static class Pictures
{
    /// <returns>(3, 64, 64). Belongs to the caller.</returns>
    public static Tensor Of(Scene scene)
    {
        float[] planes = new float[SceneDrawing.Length];
        SceneDrawing.Draw(scene, planes);
        return tensor(planes, [3, Scene.Side, Scene.Side]);
    }

    /// <summary>Averages over squares of an odd side.</summary>
    /// <returns>(3, 64, 64). Belongs to the caller.</returns>
    public static Tensor Blurred(Tensor picture, int side)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor padded = F.pad(picture.unsqueeze(0), [side / 2, side / 2, side / 2, side / 2], PaddingModes.Replicate);
        return F.avg_pool2d(padded, side, stride: 1).squeeze(0).MoveToOuterDisposeScope();
    }

    /// <summary>A single shape on grey.</summary>
    public static Scene Single(PlacedShape shape, byte background = 230) =>
        new(new Prompt(PromptCategory.Colours, new Phrase(1, shape.Colour, shape.Kind)), background, [shape]);

    public static PlacedShape Shape(ShapeKind kind, ShapeColour colour, double x, double y, double side) => new(kind, colour, Palette.Of(colour), x, y, side);
}
