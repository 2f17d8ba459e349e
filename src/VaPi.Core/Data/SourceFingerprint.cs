using System.Security.Cryptography;
using System.Text;

namespace VaPi.Data;

/// <summary>Identifies a data set by the names of its images, their order and how they are read.</summary>
internal static class SourceFingerprint
{
    /// <param name="size">The size that images are brought to.</param>
    /// <param name="options">How they are read.</param>
    /// <param name="names">A name for each image that is the same wherever the data set lies.</param>
    /// <returns>64 hexadecimal digits.</returns>
    public static string Of(ImageSize size, ImageSourceOptions options, IEnumerable<string> names)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Add(string text)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(text));
            hash.AppendData([0]);
        }

        Add($"{size} {options.Crop} {options.FlipProbability} {options.ApplyOrientation} {options.BlendAlpha}");
        foreach (string name in names)
            Add(name.Replace('\\', '/'));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
