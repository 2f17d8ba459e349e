using System.Globalization;

namespace VaPi.Alignment.Schedules;

/// <summary>Schedules as they are written in configuration files.</summary>
internal static class ScheduleText
{
    public static Schedule Parse(string text)
    {
        string[] words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words is [string number] && IsNumber(number, out double value))
            return Schedule.Constant(value);
        if (words is [string shape, string first, string to, string last, string over, string count]
            && Is(to, "to") && Is(over, "over")
            && IsNumber(first, out double from) && IsNumber(last, out double until)
            && long.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out long rollouts) && rollouts >= 1)
        {
            if (Is(shape, "linear"))
                return Schedule.Linear(from, until, rollouts);
            if (Is(shape, "cosine"))
                return Schedule.Cosine(from, until, rollouts);
        }

        throw new FormatException(
            $"'{text}' is no schedule; allowed: a number such as '1e-6', or 'linear 1e-6 to 0 over 100' or 'cosine 1e-6 to 0 over 100', where 100 is a number of rollouts. Steered schedules are made in code.");
    }

    private static bool Is(string word, string expected) => word.Equals(expected, StringComparison.OrdinalIgnoreCase);

    private static bool IsNumber(string word, out double value) => double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
}
