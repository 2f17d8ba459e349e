namespace VaPi.Study.Shapes;

/// <summary>A colour, in levels of 0 to 255.</summary>
internal readonly record struct Rgb(double Red, double Green, double Blue)
{
    /// <summary>The largest level less the smallest: 0 for grey. Mixed with grey at a share, it is that share of what it was.</summary>
    public double Chroma => Math.Max(Red, Math.Max(Green, Blue)) - Math.Min(Red, Math.Min(Green, Blue));

    /// <summary>0 (red) to 360 degrees; mixing with grey does not change it. 0 for grey.</summary>
    public double Hue
    {
        get
        {
            double chroma = Chroma;
            if (chroma <= 0)
                return 0;
            double sixths = Red >= Green && Red >= Blue ? (Green - Blue) / chroma
                : Green >= Blue ? 2 + (Blue - Red) / chroma
                : 4 + (Red - Green) / chroma;
            return (60 * sixths + 360) % 360;
        }
    }
}
