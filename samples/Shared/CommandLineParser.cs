namespace VaPi.Samples;

/// <summary>Reads <c>--name value</c> and <c>--name=value</c>; the last of two values counts.</summary>
internal static class CommandLineParser
{
    /// <param name="known">Every option.</param>
    /// <param name="defaults">What holds where no argument says otherwise.</param>
    /// <param name="arguments">The arguments.</param>
    /// <exception cref="ArgumentException">An option is unknown, or has no proper value.</exception>
    public static TOptions Parse<TOptions>(IReadOnlyList<CommandLineOption<TOptions>> known, TOptions defaults, IReadOnlyList<string> arguments)
    {
        TOptions options = defaults;
        for (int index = 0; index < arguments.Count; index++)
        {
            (string name, string? value) = Split(arguments[index]);
            CommandLineOption<TOptions> option = Find(known, name);
            if (option.ValueName is null && value is not null)
                throw new ArgumentException($"{option.Name} takes no value, but was given '{value}'.");

            // What starts with two dashes is the next option: its value was forgotten.
            if (option.ValueName is not null && value is null && index + 1 < arguments.Count && !arguments[index + 1].StartsWith("--", StringComparison.Ordinal))
                value = arguments[++index];
            if (option.ValueName is not null && string.IsNullOrEmpty(value))
                throw new ArgumentException($"{option.Name} needs a value: {option.Name} {option.ValueName}.");
            options = option.Apply(options, new CommandLineValue(option.Name, value ?? ""));
        }

        return options;
    }

    private static (string Name, string? Value) Split(string argument)
    {
        int at = argument.StartsWith("--", StringComparison.Ordinal) ? argument.IndexOf('=', StringComparison.Ordinal) : -1;
        return at < 0 ? (argument, null) : (argument[..at], argument[(at + 1)..]);
    }

    private static CommandLineOption<TOptions> Find<TOptions>(IReadOnlyList<CommandLineOption<TOptions>> known, string name)
    {
        string meant = name is "-h" or "-?" ? "--help" : name;
        if (known.FirstOrDefault(option => option.Name == meant) is { } found)
            return found;
        string? nearest = NearestName.Of(name, known.Select(option => option.Name));
        throw new ArgumentException($"There is no option '{name}'.{(nearest is null ? "" : $" Did you mean {nearest}?")}");
    }
}
