using System.Globalization;

namespace VaPi.Fuzz.Running;

/// <summary>The largest resident memory of the process, as far as the system keeps it.</summary>
internal static class ResidentMemory
{
    private const string Reset = "/proc/self/clear_refs";
    private const string Status = "/proc/self/status";
    private const string Largest = "VmHWM:";

    public static bool IsKnown { get; } = OperatingSystem.IsLinux() && File.Exists(Reset);

    /// <summary>Forgets the largest size so far.</summary>
    public static void Forget()
    {
        if (IsKnown)
            File.WriteAllBytes(Reset, "5"u8.ToArray());
    }

    /// <summary>The largest size since it was forgotten, in bytes; 0 if it is not known.</summary>
    public static long Peak()
    {
        if (!IsKnown)
            return 0;
        string line = File.ReadLines(Status).First(line => line.StartsWith(Largest, StringComparison.Ordinal));
        return 1024 * long.Parse(line.AsSpan(Largest.Length).Trim().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture);
    }
}
