namespace VaPi.Samples;

/// <summary>One option: how it is called, what it does, and how it changes the options.</summary>
/// <typeparam name="TOptions">The options of a program or command.</typeparam>
/// <param name="Name">With its dashes.</param>
/// <param name="ValueName">What the help calls its value; null if it takes none.</param>
/// <param name="Description">Sentences for the help, with range and default.</param>
/// <param name="Apply">The options with this one set to a value.</param>
internal sealed record CommandLineOption<TOptions>(
    string Name, string? ValueName, string Description, Func<TOptions, CommandLineValue, TOptions> Apply);
