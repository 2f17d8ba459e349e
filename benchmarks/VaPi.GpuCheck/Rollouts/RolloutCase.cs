using System.Globalization;

namespace VaPi.GpuCheck.Rollouts;

/// <summary>What one process measures.</summary>
/// <param name="Size">The shapes.</param>
/// <param name="Images">B.</param>
/// <param name="GroupSize">G.</param>
/// <param name="Precision">bfloat16 or float32.</param>
/// <param name="Arrangement">The library's or the published one.</param>
internal sealed record RolloutCase(RolloutSize Size, int Images, int GroupSize, string Precision, string Arrangement)
{
    /// <summary>The option that makes a process a child.</summary>
    public const string ChildOption = "--child";

    public const string BFloat16 = "bfloat16";
    public const string Float32 = "float32";
    public const string Library = "library";
    public const string Published = "published";

    /// <summary>For the option: what <see cref="Parse"/> reads.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Size.Name},{Images},{GroupSize},{Precision},{Arrangement}");

    public static RolloutCase Parse(string text)
    {
        string[] parts = text.Split(',');
        return new RolloutCase(
            RolloutSize.Of(parts[0]), int.Parse(parts[1], CultureInfo.InvariantCulture), int.Parse(parts[2], CultureInfo.InvariantCulture), parts[3], parts[4]);
    }
}
