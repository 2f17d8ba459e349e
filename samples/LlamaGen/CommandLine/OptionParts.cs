namespace LlamaGen.CommandLine;

/// <summary>Lets commands share parts of their options.</summary>
internal static class OptionParts
{
    /// <summary>An option of a part, as one of the whole.</summary>
    public static IEnumerable<CommandLineOption<TWhole>> Within<TPart, TWhole>(
        this IEnumerable<CommandLineOption<TPart>> options, Func<TWhole, TPart> part, Func<TWhole, TPart, TWhole> with) =>
        options.Select(option => new CommandLineOption<TWhole>(
            option.Name, option.ValueName, option.Description, (whole, value) => with(whole, option.Apply(part(whole), value))));
}
