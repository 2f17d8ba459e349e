using SkiaSharp;

namespace VaPi.Study.Shapes;

/// <summary>Draws scenes.</summary>
internal static class SceneDrawing
{
    /// <summary>The numbers of one picture: three planes of rows.</summary>
    public const int Length = 3 * Scene.Side * Scene.Side;

    /// <summary>Draws a scene with smooth edges.</summary>
    /// <param name="scene">What to draw.</param>
    /// <param name="planes">(3, 64, 64) in [-1, 1], <see cref="Length"/> numbers.</param>
    public static void Draw(Scene scene, Span<float> planes)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(Scene.Side, Scene.Side, SKColorType.Rgba8888, SKAlphaType.Opaque));
        using var canvas = new SKCanvas(bitmap);
        canvas.Clear(new SKColor(scene.Background, scene.Background, scene.Background));
        foreach (PlacedShape shape in scene.Shapes)
        {
            using var paint = new SKPaint { IsAntialias = true, Color = new SKColor((byte)shape.Paint.Red, (byte)shape.Paint.Green, (byte)shape.Paint.Blue) };
            Draw(canvas, shape, paint);
        }

        canvas.Flush();
        ReadOnlySpan<byte> bytes = bitmap.GetPixelSpan();
        const int Plane = Scene.Side * Scene.Side;
        for (int pixel = 0; pixel < Plane; pixel++)
        {
            for (int channel = 0; channel < 3; channel++)
                planes[channel * Plane + pixel] = bytes[4 * pixel + channel] / 127.5f - 1;
        }
    }

    private static void Draw(SKCanvas canvas, PlacedShape shape, SKPaint paint)
    {
        (float left, float top, float right, float bottom) = ((float)shape.Left, (float)shape.Top, (float)shape.Right, (float)shape.Bottom);
        switch (shape.Kind)
        {
            case ShapeKind.Circle:
                canvas.DrawCircle((float)shape.X, (float)shape.Y, (float)(shape.Side / 2), paint);
                break;
            case ShapeKind.Square:
                canvas.DrawRect(new SKRect(left, top, right, bottom), paint);
                break;
            case ShapeKind.Triangle:
                using (var path = new SKPath())
                {
                    path.MoveTo((float)shape.X, top);
                    path.LineTo(right, bottom);
                    path.LineTo(left, bottom);
                    path.Close();
                    canvas.DrawPath(path, paint);
                }

                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(shape), shape.Kind, "There is no such shape.");
        }
    }
}
