using System.Globalization;
using QuickStart.Reporting;
using SkiaSharp;

namespace QuickStart.Pictures;

/// <summary>The samples' mean reward over the rollouts, with a running mean.</summary>
internal static class RewardCurve
{
    private const int Width = 1100;
    private const int Height = 560;
    private const int Left = 130;
    private const int Right = 30;
    private const int Top = 130;
    private const int Bottom = 80;
    private const int Dot = 2;
    private const int LineHeight = (PixelFont.Height + 4) * Dot;

    private static readonly SKColor EachColour = SKColors.LightSteelBlue;
    private static readonly SKColor MeanColour = SKColors.DarkBlue;

    /// <param name="stream">Gets the PNG.</param>
    /// <param name="rewards">The mean reward of each rollout; at least one.</param>
    /// <param name="samples">The samples in a rollout.</param>
    public static void Write(Stream stream, IReadOnlyList<double> rewards, int samples)
    {
        (double low, double high) = (rewards.Min(), rewards.Max());
        double margin = Math.Max((high - low) * 0.08, 0.005);
        (low, high) = (low - margin, high + margin);
        float X(double rollout) => Left + (Width - Left - Right) * (rewards.Count == 1 ? 0.5f : (float)((rollout - 1) / (rewards.Count - 1)));
        float Y(double reward) => Top + (float)((Height - Top - Bottom) * (high - reward) / (high - low));
        PictureFile.Write(stream, Width, Height, canvas =>
        {
            PixelFont.Draw(canvas, "Reward during alignment", Left, 20, Dot, SKColors.Black);
            Legend(canvas, 20 + LineHeight + 6, EachColour, 2, $"Each rollout: mean of its {samples} samples");
            Legend(canvas, 20 + 2 * LineHeight + 6, MeanColour, 4, $"Mean of the last {RewardTrend.Window} rollouts");
            RewardAxis(canvas, low, high, Y);
            RolloutAxis(canvas, rewards.Count, X);
            Line(canvas, rewards, X, Y, EachColour, 2);
            Line(canvas, RewardTrend.RunningMean(rewards), X, Y, MeanColour, 4);
        });
    }

    private static void Legend(SKCanvas canvas, int top, SKColor colour, float thickness, string text)
    {
        using var paint = new SKPaint { Color = colour, StrokeWidth = thickness };
        float middle = top + PixelFont.Height * Dot / 2f;
        canvas.DrawLine(Left, middle, Left + 40, middle, paint);
        PixelFont.Draw(canvas, text, Left + 52, top, Dot, SKColors.DimGray);
    }

    private static void RewardAxis(SKCanvas canvas, double low, double high, Func<double, float> y)
    {
        PixelFont.Draw(canvas, "Reward: minus (mean squared error + distance of features); no unit, higher is better", 20, Top - LineHeight, Dot, SKColors.DimGray);
        using var grid = new SKPaint { Color = SKColors.LightGray, StrokeWidth = 1 };
        (IReadOnlyList<double> ticks, int decimals) = AxisTicks.Between(low, high, 6);
        foreach (double tick in ticks)
        {
            canvas.DrawLine(Left, y(tick), Width - Right, y(tick), grid);
            string label = tick.ToString($"F{decimals}", CultureInfo.InvariantCulture);
            PixelFont.Draw(canvas, label, Left - 10 - PixelFont.Measure(label) * Dot, y(tick) - PixelFont.Height * Dot / 2f, Dot, SKColors.DimGray);
        }
    }

    private static void RolloutAxis(SKCanvas canvas, int rollouts, Func<double, float> x)
    {
        const int Axis = Height - Bottom;
        using var line = new SKPaint { Color = SKColors.Gray, StrokeWidth = 1 };
        canvas.DrawLine(Left, Axis, Width - Right, Axis, line);
        foreach (double tick in AxisTicks.Between(1, rollouts, 10).Values.Append(1).Where(tick => tick >= 1 && tick == Math.Floor(tick)).Distinct())
        {
            canvas.DrawLine(x(tick), Axis, x(tick), Axis + 6, line);
            string label = tick.ToString("F0", CultureInfo.InvariantCulture);
            PixelFont.Draw(canvas, label, x(tick) - PixelFont.Measure(label) * Dot / 2f, Axis + 12, Dot, SKColors.DimGray);
        }

        const string Name = "Rollout";
        PixelFont.Draw(canvas, Name, (Left + Width - Right - PixelFont.Measure(Name) * Dot) / 2f, Height - 34, Dot, SKColors.DimGray);
    }

    private static void Line(SKCanvas canvas, IReadOnlyList<double> values, Func<double, float> x, Func<double, float> y, SKColor colour, float thickness)
    {
        using var paint = new SKPaint { Color = colour, StrokeWidth = thickness, IsAntialias = true, StrokeCap = SKStrokeCap.Round };
        for (int index = 1; index < values.Count; index++)
            canvas.DrawLine(x(index), y(values[index - 1]), x(index + 1), y(values[index]), paint);
        if (values.Count == 1)
            canvas.DrawCircle(x(1), y(values[0]), thickness, paint);
    }
}
