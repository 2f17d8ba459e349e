namespace VaPi.Models.Tests.Support;

/// <summary>The golden cases beside the test assembly.</summary>
internal static class GoldenFiles
{
    public static string Folder(string name) => Path.Combine(AppContext.BaseDirectory, "Golden", name);

    public static string File(string folder, string name) => Path.Combine(Folder(folder), name);
}
