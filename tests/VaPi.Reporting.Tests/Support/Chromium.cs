using System.Diagnostics;
using SkiaSharp;

namespace VaPi.Reporting.Tests.Support;

/// <summary>Takes pictures of pages without a screen.</summary>
internal static class Chromium
{
    public const string Variable = "VAPI_CHROMIUM";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static IReadOnlyList<string> Names { get; } = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

    /// <summary>The browser's path; null if there is none.</summary>
    public static string? Program { get; } = Find();

    /// <summary>A page as it looks in light or dark surroundings.</summary>
    public static SKBitmap Screenshot(string page, bool dark, string folder)
    {
        string picture = Path.Combine(folder, dark ? "dark.png" : "light.png");
        var start = new ProcessStartInfo(Program!) { RedirectStandardError = true, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (string argument in new[]
        {
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run", "--disable-extensions",
            "--user-data-dir=" + Path.Combine(folder, dark ? "dark" : "light"),
            "--blink-settings=preferredColorScheme=" + (dark ? "0" : "1"), // as the engine numbers them
            "--window-size=1100,1600", "--force-device-scale-factor=1",
            "--screenshot=" + picture, new Uri(page).AbsoluteUri,
        })
        {
            start.ArgumentList.Add(argument);
        }

        using Process browser = Process.Start(start)!;
        Task<string> errors = browser.StandardError.ReadToEndAsync();
        Task<string> output = browser.StandardOutput.ReadToEndAsync();
        if (!browser.WaitForExit(Patience))
        {
            browser.Kill(entireProcessTree: true);
            throw new TimeoutException($"Chromium took more than {Patience}.");
        }

        return File.Exists(picture)
            ? SKBitmap.Decode(picture)
            : throw new InvalidOperationException($"Chromium made no picture: {errors.Result}{output.Result}");
    }

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
            return File.Exists(named) ? named : null;
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return Names.SelectMany(name => folders.Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name))).FirstOrDefault(File.Exists);
    }
}
