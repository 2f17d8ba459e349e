using System.Collections;
using System.Globalization;
using System.Reflection;
using VaPi.Alignment;

namespace VaPi.Reporting.Html;

/// <summary>An object's public properties as names and values.</summary>
internal static class SettingsText
{
    public static IReadOnlyList<KeyValuePair<string, string>> Of(object settings) =>
    [
        .. settings.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetIndexParameters().Length == 0)
            .Select(property => KeyValuePair.Create(property.Name, Value(property.GetValue(settings)))),
    ];

    private static string Value(object? value) => value switch
    {
        null => "not set",
        string text => text,
        Schedule schedule => Value(schedule),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        IEnumerable many => string.Join(", ", many.Cast<object?>().Select(Value)),
        _ => value.ToString() ?? "",
    };

    // A schedule cannot be told whole: where it starts, and what it may become.
    private static string Value(Schedule schedule)
    {
        (double lowest, double highest) = schedule.Range;
        string first = Value((object)schedule.At(0));
        return lowest == highest ? first : $"{first} at first, then within {Value((object)lowest)} and {Value((object)highest)}";
    }
}
