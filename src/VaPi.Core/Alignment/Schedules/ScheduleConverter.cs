using System.ComponentModel;
using System.Globalization;

namespace VaPi.Alignment.Schedules;

/// <summary>Lets what binds options to configuration read a <see cref="Schedule"/>.</summary>
internal sealed class ScheduleConverter : TypeConverter
{
    public override bool CanConvertFrom(ITypeDescriptorContext? context, Type sourceType) => sourceType == typeof(string);

    public override object? ConvertFrom(ITypeDescriptorContext? context, CultureInfo? culture, object value) =>
        value is string text ? Schedule.Parse(text) : base.ConvertFrom(context, culture, value);
}
