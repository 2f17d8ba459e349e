using System.Globalization;
using SkiaSharp;

namespace QuickStart.Pictures;

/// <summary>The samples' mean reward over the rollouts, with a running mean.</summary>
internal static class RewardCurve
{
    private const int Width = 900;
    private const int Height = 420;
    private const int Left = 110;
    private const int Right = 20;
    private const int Top = 50;
    private const int Bottom = 60;
    private const int Window = 10;
    private const int Dot = 2;

    public static void Write(string path, IReadOnlyList<double> rewards)
    {
        (double low, double high) = (rewards.Min(), rewards.Max());
        double margin = Math.Max((high - low) * 0.05, 1e-6);
        (low, high) = (low - margin, high + margin);
        float X(int step) => Left + (Width - Left - Right) * (rewards.Count == 1 ? 0.5f : step / (float)(rewards.Count - 1));
        float Y(double reward) => Top + (float)((Height - Top - Bottom) * (high - reward) / (high - low));
        PictureFile.Write(path, Width, Height, canvas =>
        {
            PixelFont.Draw(canvas, "Mean reward of the samples, and its running mean", Left, 16, Dot, SKColors.Black);
            PixelFont.Draw(canvas, $"Rollout 1 to {rewards.Count}", Left, Height - 26, Dot, SKColors.DimGray);
            using var grid = new SKPaint { Color = SKColors.LightGray, StrokeWidth = 1 };
            for (int line = 0; line <= 4; line++)
            {
                double reward = low + (high - low) * line / 4;
                canvas.DrawLine(Left, Y(reward), Width - Right, Y(reward), grid);
                string label = reward.ToString("0.0000", CultureInfo.InvariantCulture);
                PixelFont.Draw(canvas, label, Left - 8 - PixelFont.Measure(label) * Dot, Y(reward) - PixelFont.Height, Dot, SKColors.DimGray);
            }

            Line(canvas, rewards, X, Y, SKColors.LightSteelBlue, 1.5f);
            Line(canvas, RunningMean(rewards), X, Y, SKColors.DarkBlue, 3);
        });
    }

    private static List<double> RunningMean(IReadOnlyList<double> values) =>
        [.. values.Select((_, index) => values.Skip(Math.Max(0, index - Window + 1)).Take(Math.Min(index + 1, Window)).Average())];

    private static void Line(SKCanvas canvas, IReadOnlyList<double> values, Func<int, float> x, Func<double, float> y, SKColor colour, float thickness)
    {
        using var paint = new SKPaint { Color = colour, StrokeWidth = thickness, IsAntialias = true };
        for (int index = 1; index < values.Count; index++)
            canvas.DrawLine(x(index - 1), y(values[index - 1]), x(index), y(values[index]), paint);
    }
}
